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
