#!/bin/sh
# SPDX-License-Identifier: ISC
# What ifstated2uplinkd makes of an ifstated.conf is as expected, and a configuration that uplinkd
# takes; what it can't make anything of, it names with its line, and gives nothing.
srcdir=${srcdir:-.}
convert=$srcdir/contrib/ifstated2uplinkd
files=$srcdir/tests/openbsd/ifstated
dir=$(mktemp -d) || exit 99
bad=0
trap 'rm -rf "$dir"' EXIT

fail() {
	echo "FAIL: $*"
	cat "$dir/err"
	bad=1
}

for name in seed carrier all; do
	"$convert" -d "$files/etc" "$files/$name.conf" >"$dir/out" 2>"$dir/err" || fail "$name: exit status $?"
	[ ! -s "$dir/err" ] || fail "$name: it says something"
	sed "s|made of $files/$name.conf|made of FILE|" "$dir/out" >"$dir/got"
	diff "$files/$name.expected" "$dir/got" || fail "$name: not as expected"
	./uplinkd -n -f "$dir/out" -S "$dir" >"$dir/checked" 2>&1 || { cat "$dir/checked" && fail "$name: uplinkd does not take it"; }
	# each line that does something is accounted for
	"$convert" -v -d "$files/etc" "$files/$name.conf" 2>"$dir/err" >/dev/null
	for line in $(grep -nE 'run |set-state|every|init-state' "$files/$name.conf" | sed 's/:.*//'); do
		grep -q "$name.conf:$line: " "$dir/err" || grep -q "$name.conf:$((line - 1)): " "$dir/err" ||
			fail "$name: nothing is said of line $line"
	done
done

"$convert" -d "$files/etc" "$files/cannot.conf" >"$dir/out" 2>"$dir/err"
[ $? -eq 1 ] || fail "cannot: exit status is not 1"
[ ! -s "$dir/out" ] || fail "cannot: it gives a configuration all the same"
sed "s|^$files/cannot.conf:|FILE:|" "$dir/err" | diff "$files/cannot.expected" - || fail "cannot: other lines are named"

# odd ones: each mistake in one line that begins with file and line, and no configuration
odd() { # TEXT LINE-AND-REASON
	printf "$1" >"$dir/odd"
	"$convert" -d "$files/etc" "$dir/odd" >"$dir/out" 2>"$dir/err"
	[ $? -eq 1 ] || fail "odd: $1: exit status is not 1"
	[ ! -s "$dir/out" ] || fail "odd: $1: it gives a configuration all the same"
	grep -qF "$dir/odd:$2" "$dir/err" || fail "odd: $1: it does not say $2"
	! grep -v "^$dir/odd:" "$dir/err" || fail "odd: $1: a line without a place"
}
odd '' '1: no state is in it'
odd '\0\377\n' '1: a line that is not understood'
odd 'state a {\n\tinit { run "route add default 192.0.2.1x" }\n}\n' '2: run "route add default 192.0.2.1x": a route that is no default by a gateway'
odd 'state a {\n\tinit { run "route add default 192.0.2.256" }\n}\n' '2: run "route add default 192.0.2.256": a route that is no default'
odd 'state a {\n\tinit { run "route add default 192.0.2.1 }\n}\n' '2: a string is not closed'
odd 'state a {\n\tinit { run if }\n}\n' '2: run "if": not a string'
odd 'a = "ping -c 1 192.0.2.9" every day\nstate b {\n\tif $a set-state b\n}\n' '1: every "day": not a number of seconds'
odd 'a = '"'"'$a'"'"'\nstate b {\n\tif $a set-state b\n}\n' '1: the macro $a stands for itself'
odd 'state b {\n\tif em0.link.sideways set-state b\n}\n' '2: a condition that is not understood: "em0.link.sideways"'
odd 'state b {\n\tinit { run "\nreboot\n" }\n}\n' '2: run " reboot ": uplinkd runs no shell'

# without hostname.if files a gateway's interface is given, or asked for
"$convert" -d "$dir" "$files/seed.conf" >"$dir/out" 2>"$dir/err"
[ $? -eq 1 ] || fail "no interface: exit status is not 1"
grep -q 'Give -i 192.0.2.1=em0' "$dir/err" || fail "no interface: it does not say how to give it"
"$convert" -d "$dir" -i 192.0.2.1=em7 -i 198.51.100.1=pppoe0 - <"$files/seed.conf" >"$dir/out" 2>"$dir/err" ||
	fail "given interfaces: exit status $?"
grep -q 'interface pppoe0' "$dir/out" || fail "given interfaces: not taken"
"$convert" "$dir/nothing" 2>"$dir/err"
[ $? -eq 2 ] || fail "no file: exit status is not 2"

[ $bad -eq 0 ] && echo "all as expected"
exit $bad
