# SPDX-License-Identifier: ISC
# Writes doc/uplinkd-mib.7: the text of doc/uplinkd-mib.head, then every object,
# type and notification of UPLINK-MIB.txt in the module's own words.
#
#   make manual-mib

function close_list() {
	if (listing)
		print ".El"
	listing = 0
}

function open_list() {
	if (!listing)
		print ".Bl -tag -width Ds"
	listing = 1
}

function section(title) {
	close_list()
	print ".Sh " title
}

function subsection(title) {
	close_list()
	print ".Ss " title
}

# Each sentence on a line of its own, as mdoc wants it.
function tell(text) {
	gsub(/\\/, "\\e", text)
	gsub(/\. /, ".\n", text)
	gsub(/\n\./, "\n\\\\\\&.", text)
	print text
}

# The text of a DESCRIPTION that begins on this line, in paragraphs.
function read_text(    line, paragraph, out) {
	while ((getline line) > 0) {
		sub(/^ +/, "", line)
		paragraph = paragraph (paragraph == "" ? "" : " ") line
		if (line == "" || line ~ /"$/) {
			gsub(/^"|"$| +$/, "", paragraph)
			out = out (out == "" ? "" : "\n.Pp\n") paragraph
			paragraph = ""
		}
		if (line ~ /"$/)
			return out
	}
}

function say(text,    n, parts, i) {
	n = split(text, parts, /\n/)
	for (i = 1; i <= n; i++)
		if (parts[i] == ".Pp")
			print parts[i]
		else
			tell(parts[i])
}

FNR == NR { print; next }

/^uplinkMIB MODULE-IDENTITY/ { kind = "module"; next }
/^[A-Za-z0-9]+ ::= TEXTUAL-CONVENTION/ { kind = "type"; name = $1; text = ""; next }
/^[A-Za-z0-9]+ OBJECT-TYPE/ { kind = "object"; name = $1; text = ""; units = ""; access = ""; syntax = ""; next }
/^[A-Za-z0-9]+ NOTIFICATION-TYPE/ { kind = "notification"; name = $1; text = ""; next }
/^[A-Za-z0-9]+ (OBJECT-GROUP|NOTIFICATION-GROUP|MODULE-COMPLIANCE)/ { kind = ""; next }
/^ +SYNTAX / && kind == "object" {
	syntax = $0
	sub(/^ +SYNTAX +/, "", syntax)
}
/^ +SYNTAX / && kind == "type" {
	if (!told_types++)
		section("TYPES")
	open_list()
	print ".It Vt " name
	say(text)
	kind = ""
}
/^ +UNITS / { units = $0; gsub(/^ +UNITS +|"/, "", units) }
/^ +MAX-ACCESS / { access = $2 }
/^ +DESCRIPTION$/ {
	if (kind == "module" || kind == "")
		next
	text = read_text()
}
/^ +(INDEX|AUGMENTS) / { index_of = $0; sub(/^[^{]*{ */, "", index_of); sub(/ *}.*/, "", index_of) }
/^ +::= {/ {
	if (kind == "object" && $3 == "uplinkGlobal" && !told_global++) {
		section("OBJECTS")
		subsection("uplinkGlobal")
	}
	if (kind == "object" && syntax ~ /^SEQUENCE OF/) {
		subsection(name)
		say(text)
	} else if (kind == "object" && name ~ /Entry$/) {
		print ".Pp"
		print "Index:"
		n = split(index_of, parts, / *, */)
		for (i = 1; i <= n; i++)
			print ".Va " parts[i] (i < n ? " ," : " .")
	} else if (kind == "object") {
		open_list()
		printf ".It Va %s Pq %s%s%s\n", name, syntax ~ /{/ ? "enumeration" : syntax, \
			units == "" ? "" : " , " units, \
			access == "read-only" ? "" : " , " access
		say(text)
	} else if (kind == "notification") {
		if (!told_notifications++) {
			section("NOTIFICATIONS")
			open_list()
		}
		print ".It Sy " name
		say(text)
	}
	kind = ""
}

END {
	close_list()
	print ".Sh SEE ALSO"
	print ".Xr snmpset 1 ,"
	print ".Xr snmpwalk 1 ,"
	print ".Xr uplinkd.conf 5 ,"
	print ".Xr uplinkctl 8 ,"
	print ".Xr uplinkd 8"
}
