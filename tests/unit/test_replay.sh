#!/bin/sh
# SPDX-License-Identifier: ISC
# A recorded outage, judged as it was when the expected output was looked at by a
# person; and what is said of a recording that is none. To look at a change:
#	uplinkd -f tests/replay/outage.conf --replay tests/replay/outage.jsonl | diff tests/replay/outage.expected -
srcdir=${srcdir:-.}
folder=$srcdir/tests/replay
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
bad=0

fail() {
	echo "FAIL: $*"
	cat "$dir/out" "$dir/err" | head -n 40
	bad=1
}
# replay STATUS FILE: with standard input as the recording when FILE is -
replay() {
	./uplinkd -f "$folder/outage.conf" --replay "$2" >"$dir/out" 2>"$dir/err"
	status=$?
	[ $status -eq "$1" ] || fail "$2: exit status $status, not $1"
}
err() {
	grep -q -e "$1" "$dir/err" || fail "standard error lacks \"$1\""
}

replay 0 "$folder/outage.jsonl"
cmp -s "$folder/outage.expected" "$dir/out" || {
	diff "$folder/outage.expected" "$dir/out"
	fail "the recorded outage is judged otherwise"
}
[ -s "$dir/err" ] && fail "nothing should be complained about"
replay 0 - <"$folder/outage.jsonl"
cmp -s "$folder/outage.expected" "$dir/out" || fail "from standard input it differs"

# a link that takes the IP versions that are there was recorded without IPv6: that is not
# missed, and the link falls as it did
sed 's/gateway 192.0.2.1/gateway auto/' "$folder/outage.conf" >"$dir/auto.conf"
echo 'link "new" { interface wan3; gateway auto; tier 3 }' >>"$dir/auto.conf"
./uplinkd -f "$dir/auto.conf" --replay "$folder/outage.jsonl" >"$dir/out" 2>"$dir/err" || fail "gateway auto: exit status $?"
grep -q "fibre is up: .*IPv6 has no gateway, and is not missed" "$dir/out" || fail "IPv6 is not told to be absent"
grep -q "^# new: 0 samples, 0 lost, down 0 times, unknown" "$dir/out" || fail "of a link that was not recorded more is said than that"
sed '/T19:00:0/d; /^# new:/d' "$dir/out" >"$dir/later"
sed '/T19:00:0/d' "$folder/outage.expected" | diff - "$dir/later" || fail "with gateway auto it is judged otherwise"

# samples of others are left out, and told; so are those that were missed
sed 's/"link":"cable"/"link":"dsl"/; 5s/.*/{"missed":7}/' "$folder/outage.jsonl" >"$dir/other"
replay 0 "$dir/other"
err "43[0-9] samples are of links or targets that the configuration does not have"
err "7 samples are missing in the recording"

# a machine that was started again: its clock begins anew, the time of people goes on
head -n 200 "$folder/outage.jsonl" >"$dir/again"
sed 's/"at_ns":50/"at_ns":1/; s/"sent_ns":50/"sent_ns":1/; s/T19:/T20:/' "$folder/outage.jsonl" |
	sed -n 201,400p >>"$dir/again"
replay 0 "$dir/again"
grep -q "T20:.*goes on after a restart of its machine" "$dir/out" || fail "the restart is not told"
tail -n 2 "$dir/out" | grep -q "1h0" || fail "the time in between is not counted"

for line in '' 'x' '[]' '{}' '{"missed":-1}' \
	'{"time":"2025-05-01T19:00:00Z","link":"fibre","target":"203.0.113.1","version":4,"method":"icmp","number":0,"at_ns":5,"sent_ns":6,"lost":true}' \
	'{"time":"2025-05-01T19:00:00Z","link":"fibre","target":"203.0.113.1","version":6,"method":"icmp","number":0,"at_ns":6,"sent_ns":6,"lost":true}' \
	'{"time":"2025-05-01T19:00:00Z","link":"fibre","target":"203.0.113.1","version":4,"method":"icmp","number":0,"at_ns":6,"sent_ns":6}' \
	'{"time":"2025-05-01T19:00:00Z","link":"fibre","target":"203.0.113.1","version":4,"method":"icmp","number":0,"at_ns":6,"sent_ns":6,"rtt_us":4294967295}' \
	'{"time":"yesterday","link":"fibre","target":"203.0.113.1","version":4,"method":"icmp","number":0,"at_ns":6,"sent_ns":6,"lost":true}'; do
	printf '%s\n' "$line" | replay 1 -
	if [ -n "$line" ]; then
		err "^-:1: not a sample: "
	else
		err "there is no sample in it"
	fi
done
replay 1 "$dir/none"
err "No such file"
exit $bad
