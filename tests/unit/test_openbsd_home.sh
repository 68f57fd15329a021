#!/bin/sh
# SPDX-License-Identifier: ISC
# What OpenBSD's users are given: the rc.d script tests a configuration before a start, and the
# configuration in the guide is one.
srcdir=${srcdir:-.}
dir=$(mktemp -d) || exit 99
bad=0
trap 'rm -rf "$dir"' EXIT

fail() {
	echo "FAIL: $*"
	bad=1
}

# rc.subr(8), as much of it as the script uses
cat >"$dir/rc.subr" <<'END'
rc_exec() { sh -c "$1"; }
rc_cmd() { rc_configtest; }
END
sed -e "s|^\. /etc/rc.d/rc.subr|. $dir/rc.subr|" -e "s|^daemon=.*|daemon=./uplinkd|" \
	"$srcdir/contrib/openbsd/uplinkd.rc" >"$dir/uplinkd"
awk '/^```conf alone/ { on = 1; next } /^```/ { on = 0 } on' "$srcdir/doc/guide/openbsd.md" >"$dir/good"
[ -s "$dir/good" ] || fail "the guide has no configuration"
daemon_flags="-f $dir/good -S $dir" sh "$dir/uplinkd" configtest >"$dir/out" 2>&1 ||
	{ cat "$dir/out" && fail "the configuration of the guide is refused"; }
echo 'link "x" { interface' >"$dir/mistake"
daemon_flags="-f $dir/mistake -S $dir" sh "$dir/uplinkd" configtest >"$dir/out" 2>&1 &&
	fail "a mistake passes configtest"
grep -q "mistake:[12]: " "$dir/out" || fail "configtest does not say what the mistake is"

# what a configuration leads to there, in the words of route(8) and pf.conf(5)
if [ -x tests/openbsd/uplinkd ]; then
	tests/openbsd/uplinkd --system fake-openbsd="$dir" -n -v -f "$dir/good" -S "$dir" >"$dir/out" 2>&1 || fail "uplinkd -n -v: exit status $?"
	for line in 'route -T 101 add -inet -mpath -priority 7 -label uplinkd default 192.0.2.1' \
		'route add -inet -mpath -priority 7 -label uplinkd default LEARNED (by em2)' \
		'anchor uplinkd/inside' 'match out on em1 inet ! tagged uplinkd_self label "uplinkd-inet-1"'; do
		grep -qF "$line" "$dir/out" || { cat "$dir/out" && fail "uplinkd -n -v lacks $line"; }
	done
fi

# every file that the guide leads to is there
for file in $(sed -n 's|.*(\.\./\.\./\([^)]*\)).*|\1|p' "$srcdir/doc/guide/openbsd.md"); do
	[ -e "$srcdir/$file" ] || fail "the guide leads to $file"
done
# every process's lines go to the file that syslog.conf names
for name in $(grep -rhoE 'log_init\("[a-z-]+"' "$srcdir/src" "$srcdir/subagent" "$srcdir/prober" |
	cut -d '"' -f 2 | sort -u); do
	grep -qx "!!$name" "$srcdir/contrib/openbsd/syslog.conf" || fail "syslog.conf lacks $name"
done
# and every anchor that is loaded is evaluated in the example, and told of in the manual page
for part in nat inside self inbound; do
	grep -q "^anchor \"uplinkd/$part\" " "$srcdir/contrib/openbsd/pf.conf" || fail "pf.conf lacks $part"
	grep -q "^.It Ql uplinkd/$part\$" "$srcdir/doc/uplinkd-pf.7" || fail "uplinkd-pf(7) lacks $part"
done
[ $bad -eq 0 ] && echo "all as expected"
exit $bad
