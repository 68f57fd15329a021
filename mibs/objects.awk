# SPDX-License-Identifier: ISC
# Reads UPLINK-MIB.txt, writes mib_objects.h: the module's object identifier, and
# a list of each group's objects with number, type, access and range, as a macro
# that takes a macro. The subagent has no number of its own, so it can't drift.
# An object that this script can't read stops the build.

function fail(why) {
	print FILENAME ":" FNR ": " why > "/dev/stderr"
	failed = 1
	exit 1
}

# uplinkLinkIfIndex -> link_if_index
function snake(name,    out, i, c, before, after) {
	sub(/^uplink/, "", name)
	out = ""
	for (i = 1; i <= length(name); i++) {
		c = substr(name, i, 1)
		before = i > 1 ? substr(name, i - 1, 1) : ""
		after = substr(name, i + 1, 1)
		if (c ~ /[A-Z]/ && i > 1 && (before ~ /[a-z0-9]/ || after ~ /[a-z]/))
			out = out "_"
		out = out tolower(c)
	}
	return out
}

function access_of(access) {
	return access == "read-write" ? "MIB_READ_WRITE" : \
	    access == "accessible-for-notify" ? "MIB_NOTIFY_ONLY" : "MIB_READ_ONLY"
}

# What a type is on the wire, and its range if nothing narrower is said.
function type_is(name, wire, low, high) {
	wire_of[name] = wire
	low_of[name] = low
	high_of[name] = high
}

# The range in "(1..255)" or "(SIZE (0..64))" of a line, over that of its type.
function range(line,    r) {
	if (match(line, /\([0-9]+\.\.[0-9]+\)/)) {
		r = substr(line, RSTART + 1, RLENGTH - 2)
		low = r
		high = r
		sub(/\.\..*/, "", low)
		sub(/.*\.\./, "", high)
	}
}

# The smallest and largest value of "a(1), b(2)".
function enumerate(text,    v) {
	while (match(text, /\([0-9]+\)/)) {
		v = substr(text, RSTART + 1, RLENGTH - 2) + 0
		if (low == "" || v < low + 0)
			low = v
		if (high == "" || v > high + 0)
			high = v
		text = substr(text, RSTART + RLENGTH)
	}
}

BEGIN {
	oid_of["enterprises"] = "1, 3, 6, 1, 4, 1"
	oid_of["netSnmpPlaypen"] = "1, 3, 6, 1, 4, 1, 8072, 9999, 9999"
	type_is("Integer32", "MIB_INTEGER", "0", "2147483647")
	type_is("INTEGER", "MIB_INTEGER", "", "")
	type_is("Unsigned32", "MIB_UNSIGNED", "0", "4294967295")
	type_is("Gauge32", "MIB_UNSIGNED", "0", "4294967295")
	type_is("Counter32", "MIB_COUNTER32", "0", "4294967295")
	type_is("Counter64", "MIB_COUNTER64", "0", "18446744073709551615")
	type_is("TruthValue", "MIB_INTEGER", "1", "2")
	type_is("TestAndIncr", "MIB_INTEGER", "0", "2147483647")
	type_is("InterfaceIndex", "MIB_INTEGER", "1", "2147483647")
	type_is("InetVersion", "MIB_INTEGER", "0", "2")
	type_is("InetAddressType", "MIB_INTEGER", "0", "16")
	type_is("InetAddressPrefixLength", "MIB_UNSIGNED", "0", "128")
	type_is("InetPortNumber", "MIB_UNSIGNED", "0", "65535")
	type_is("InetAddress", "MIB_OCTETS", "0", "20")
	type_is("DateAndTime", "MIB_OCTETS", "8", "11")
	type_is("SnmpAdminString", "MIB_OCTETS", "0", "255")
}

{ sub(/--.*/, "") }

# Text in quotes says nothing to a program.
in_text { if ($0 ~ /"/) in_text = 0; next }
/DESCRIPTION$/ { next }
/^ *"/ { if ($0 !~ /".*"/) in_text = 1; next }

/^[A-Za-z0-9]+ ::= TEXTUAL-CONVENTION/ { kind = "tc"; name = $1; next }
/^[A-Za-z0-9]+ OBJECT-TYPE/ { kind = "object"; name = $1; access = ""; next }
/^[A-Za-z0-9]+ NOTIFICATION-TYPE/ { kind = "notification"; name = $1; next }
/^[A-Za-z0-9]+ MODULE-IDENTITY/ { kind = "module"; name = $1; next }
/^[A-Za-z0-9]+ +OBJECT IDENTIFIER ::=/ { arc_of[$1] = $(NF - 1); parent_of[$1] = $(NF - 2); next }
/^[A-Za-z0-9]+ (OBJECT-GROUP|NOTIFICATION-GROUP|MODULE-COMPLIANCE)/ { kind = ""; next }

/^ +SYNTAX / && (kind == "tc" || kind == "object") {
	syntax = $2
	low = syntax in low_of ? low_of[syntax] : ""
	high = syntax in high_of ? high_of[syntax] : ""
	if (syntax == "INTEGER") {
		enumerate($0)
		if ($0 !~ /}/) {
			in_enumeration = 1
			next
		}
	} else {
		range($0)
	}
	if (kind == "tc")
		type_is(name, wire_of[syntax], low, high)
	next
}
in_enumeration {
	enumerate($0)
	if ($0 ~ /}/) {
		in_enumeration = 0
		if (kind == "tc")
			type_is(name, wire_of[syntax], low, high)
	}
	next
}

/^ +MAX-ACCESS / { access = $2; next }
/^ +OBJECTS / && kind == "notification" {
	objects = $0
	sub(/^ +OBJECTS +{ */, "", objects)
	sub(/ *}.*/, "", objects)
	next
}

/^ +::= {/ {
	parent = $3
	arc = $4
	if (kind == "module") {
		if (!(parent in oid_of))
			fail("the number of " parent " is not known")
		oid = oid_of[parent] ", " arc
		oid_length = split(oid, parts, ",")
	} else if (kind == "object" && access != "not-accessible") {
		if (!(syntax in wire_of))
			fail(name ": the type " syntax " is not known")
		if (parent in arc_of)
			group = snake(parent)
		else {
			group = snake(parent)
			sub(/_entry$/, "", group)
		}
		if (!(group in list))
			groups[++ngroups] = group
		list[group] = list[group] sprintf(" \\\n\tX(%s, %d, %s, %s, %sULL, %sULL, \"%s\")", \
			snake(name), arc, wire_of[syntax], \
			access_of(access), low, high, name)
		group_of[name] = group
		number_of[name] = arc
	} else if (kind == "object" && parent == "uplinkObjects") {
		table = snake(name)
		sub(/_table$/, "", table)
		group_arc[table] = arc
	} else if (kind == "notification") {
		n = split(objects, object, / *, */)
		line = ""
		for (i = 1; i <= n; i++) {
			if (!(object[i] in group_of))
				fail(name ": " object[i] " is no object")
			line = line sprintf("%s{MIB_ARC_%s, %d}", i > 1 ? ", " : "", \
				toupper(group_of[object[i]]), number_of[object[i]])
		}
		notifications = notifications sprintf(" \\\n\tX(%s, %d, \"%s\", %s)", snake(name), arc, name, line)
	}
	kind = ""
}

END {
	if (failed)
		exit 1
	print "/* Made from UPLINK-MIB.txt by objects.awk: change those. */"
	print "#ifndef UPLINK_MIB_OBJECTS_H"
	print "#define UPLINK_MIB_OBJECTS_H\n"
	print "#define MIB_OID " oid
	print "#define MIB_OID_LEN " oid_length "\n"
	print "#define MIB_ARC_NOTIFICATIONS " arc_of["uplinkNotifications"]
	print "#define MIB_ARC_OBJECTS " arc_of["uplinkObjects"]
	for (i = 1; i <= ngroups; i++) {
		g = groups[i]
		a = g in group_arc ? group_arc[g] : arc_of["uplink" toupper(substr(g, 1, 1)) substr(g, 2)]
		print "#define MIB_ARC_" toupper(g) " " a
	}
	print "\n/* X(name, number, type, access, lowest, highest, label) */"
	for (i = 1; i <= ngroups; i++)
		print "#define MIB_" toupper(groups[i]) "(X)" list[groups[i]] "\n"
	print "/* X(name, number, label, {group, object}...) */"
	print "#define MIB_NOTIFICATIONS(X)" notifications "\n"
	print "#endif"
}
