#!/bin/sh
# SPDX-License-Identifier: ISC
# uplinkctl as a person or a script meets it, against a served board: what it
# prints, where, and with which exit status; and that manual page and completions
# know every command and option.
srcdir=${srcdir:-.}
ctl=./uplinkctl
dir=$(mktemp -d) || exit 99
socket=$dir/control.sock
bad=0
server=

finish() {
	[ -n "$server" ] && kill "$server" 2>/dev/null
	rm -rf "$dir"
}
trap finish EXIT
trap 'exit 1' INT TERM

fail() {
	echo "FAIL: $*"
	sed 's/^/  out: /' "$dir/out"
	sed 's/^/  err: /' "$dir/err"
	bad=1
}

# run STATUS ARGUMENT ... : runs it, checks the exit status
run() {
	wanted=$1
	shift
	"$ctl" -s "$socket" "$@" >"$dir/out" 2>"$dir/err" </dev/null
	status=$?
	what="uplinkctl $*"
	[ $status -eq "$wanted" ] || fail "$what: exit status $status, not $wanted"
}
out() {
	grep -q -e "$1" "$dir/out" || fail "$what: standard output lacks \"$1\""
}
err() {
	grep -q -e "$1" "$dir/err" || fail "$what: standard error lacks \"$1\""
}
silent() {
	[ -s "$dir/$1" ] && fail "$what: $1 should be empty"
}

serve() {
	./tests/unit/serve_board "$socket" "$@" &
	server=$!
	for i in $(seq 100); do
		"$ctl" -s "$socket" stats >/dev/null 2>&1 && return
		sleep 0.05
	done
	echo "FAIL: the board is not served"
	exit 1
}

LC_ALL=C.UTF-8
TZ=UTC
export LC_ALL TZ

# Nobody there.
run 3 status
silent out
err 'not running'
err 'systemctl start uplinkd'
run 3 drain fibre
run 3 --json events

# Usage.
run 2
run 2 fly
err 'no command "fly"'
run 2 drain
err 'usage: uplinkctl drain LINK'
run 2 status a b
run 2 drain fibre --for
run 2 status --force
run 2 drain fibre --for 2x
err '2h'
run 2 drain fibre --comment "$(printf 'a\033b')"
run 2 wait fibre sideways
run 2 events --limit many
run 0 --help
out 'exit status'
run 0 drain --help
out '--for TIME'
run 0 help
out 'exit status'
run 0 help drain
out '--for TIME'
run 2 help fly
err 'no command "fly"'
run 2 drain fibre --for 366d
err 'at most 365d'
run 0 --version

serve

run 0 status
silent err
out '^lyon-3: 2 of 3 links usable, tier 1 carries the traffic$'
out '^fibre  *wan1  *1/3  *up  *active  *12.3 ms  *0 %  *4m12s$'
out '^dsl  *wan2  *1/1  *down  *out  *-  *100 %  *4m1.s  *too few targets answer$'
out '^télé 衛星: drain ordered 10m0.s ago by jdoe via control, 1h[45].m left: new dish$'
grep -q "$(printf '\033')" "$dir/out" && fail "colour where there is no terminal"
run 0 status dsl
grep -q fibre "$dir/out" && fail "status dsl shows fibre"
run 1 status isdn
err 'no link "isdn"'
run 0 status --json
out '"site":"lyon-3"'
run 0 --json status
out '"site":"lyon-3"'
run 0 targets
out '^dsl  *10.2.0.1  *icmp  *1.00 s  *up'
run 0 routes
out 'fe80::1%wwan0'
run 0 plan
out '^plan 9 is installed$'
run 0 explain dsl
out '^dsl, interface wan2: down, out$'
out '^  IPv4 is down: 0 of 2 targets answer, and at least 1 must.$'
out '^  See that probes take the right way: uplinkctl verify dsl$'
[ "$(wc -L <"$dir/out")" -le 78 ] || fail "lines are too long"
run 0 explain 'télé 衛星'
out "uplinkctl auto 'télé 衛星'$"
run 0 explain fibre --json
out '"advice":\["Nothing: the link is well and carries traffic."\]'
out '"event":{'
run 1 explain isdn
err 'no link "isdn"'
run 2 explain

run 0 history fibre
out '^fibre (contract 4711) at lyon-3$'
out ': 157 of 6600 probes lost (2.4 %), RTT 11.0 ms to 47.6 ms, average 13.8 ms$'
out '^[0-2][0-9]:[0-5][0-9]  up  *11.3 ms  12.3 ms  17.3 ms  ███▌ *0 %$'
out '  down  *-  *-  *-  *100 %  ████████████$'
[ "$(grep -c 'no record' "$dir/out")" -eq 5 ] || fail "the gap is not told"
LC_ALL=C run 0 history fibre
out '  down  *-  *-  *-  *100 %  ############$'
run 0 history fibre --minutes 90
out '^a line is 2 minutes$'
run 0 history fibre --minutes 2 --json
out '"end":29101680'
run 0 history dsl
out 'nothing was measured$'
run 2 history fibre --minutes 1441
run 2 history fibre --minutes 0
run 2 history fibre --svg --json
run 2 history
run 1 history isdn
run 0 history fibre --svg
out '<title>fibre (contract 4711) at lyon-3</title>'
out '^</svg>$'
run 0 history dsl --svg
out '^</svg>$'

run 0 stats
out 'timer_lateness p999_us'

run 0 events
out '^  *2  2025-05-01 10:30:00  fibre  *linkDown  *too few targets answer: 2 of 2 targets lost, up -> down, loss 50.0 %, noticed after 2.10 s$'
run 0 events --limit 1
[ "$(wc -l <"$dir/out")" -eq 1 ] || fail "--limit 1 prints more"
out '^  *4 '
run 0 events --since 2 --limit 1
out '^  *3 '
run 0 events --since 4
out '^no event$'

run 1 drain dsl
err 'no other link could carry its traffic'
silent out
run 0 drain dsl --force --owner me --comment 'café' --for 90s
out '^link dsl: drain, now drained (drain was ordered), ends in 1m30s$'
run 0 status dsl --json
out '"owner":"me"'
out '"comment":"café"'
out '"timeout_s":90'
run 0 force-up fibre
run 0 status fibre --json
out "\"owner\":\"${SUDO_USER:-$(id -un)}\""
run 0 auto fibre
run 0 wait dsl drained --timeout 5s
run 1 wait dsl up --timeout 1
err 'link dsl was not up within 1: uplinkctl explain dsl'

run 0 verify fibre
out 'leaves by wan1, next hop 192.0.2.1, from source 192.0.2.2'
run 0 verify fibre 203.0.113.9
out '203.0.113.9'
run 1 verify dsl
out 'NOT'
run 1 verify fibre example.net

run 0 reload
: >"$socket.bad"
run 1 reload
err 'uplinkd.conf:7: no such'
grep -q "$(printf '\033')" "$dir/err" && fail "the daemon's text steers the terminal"
rm "$socket.bad"

# Where it can't be said, it was not done.
if [ -c /dev/full ]; then
	"$ctl" -s "$socket" status >/dev/full 2>"$dir/err"
	[ $? -eq 1 ] || fail "a full disk is not told by the exit status"
	what="status >/dev/full"
	err "can't be written: No space left"
fi
"$ctl" -s "$socket" targets 2>"$dir/err" | head -n 1 >/dev/null
silent err

# Colour on a terminal alone, and not against the reader's will.
on_terminal() { # VARIABLE=VALUE ... : what status prints on a terminal
	env TERM=xterm "$@" script -qec "$ctl -s $socket status" /dev/null >"$dir/out" 2>"$dir/err" </dev/null
	what="status on a terminal, $*"
	out 'dsl'
}
if command -v script >/dev/null; then
	red=$(printf '\033\[1;31mdown')
	on_terminal NO_COLOR=
	out "$red"
	for without in NO_COLOR=1 TERM=dumb; do
		on_terminal $without
		grep -q "$(printf '\033')" "$dir/out" && fail "colour with $without"
	done
fi
# Nor a letter that the locale does not have.
LC_ALL=C run 0 status
out '^t?l? ??  wwan0 '

# A follower sees what happens, also across a restart of the daemon.
"$ctl" -s "$socket" events --follow --limit 0 >"$dir/followed" 2>"$dir/err" &
follower=$!
seen() { # N LINES
	for i in $(seq 100); do
		[ "$(wc -l <"$dir/followed")" -ge "$1" ] && return
		"$ctl" -s "$socket" drain fibre --comment seen >/dev/null 2>&1
		sleep 0.1
	done
	cp "$dir/followed" "$dir/out"
	fail "a follower sees no event"
}
seen 1
# Many octets, in many pieces.
kill "$server"
wait "$server" 2>/dev/null
serve 10000
run 0 targets
[ "$(wc -l <"$dir/out")" -eq 10007 ] || fail "10006 targets are not all there"
kill -0 "$follower" 2>/dev/null || fail "the follower does not wait for the daemon"
kill "$follower"
grep -q seen "$dir/followed" || fail "the comment is not in the event"

# Shell completion asks for these.
run 0 --list-links
out '^télé 衛星$'
completes() { # WANTED WORD ... : the last word is completed
	wanted=$1
	shift
	PATH=.:$PATH bash -c '. "$0"; COMP_WORDS=(uplinkctl "$@"); COMP_CWORD=$#; _uplinkctl
		printf "%s\n" "${COMPREPLY[@]}"' "$srcdir/contrib/completion/uplinkctl.bash" "$@" \
		>"$dir/out" 2>"$dir/err"
	grep -q -x -e "$wanted" "$dir/out" || fail "bash does not complete \"$*\" to $wanted"
}
if command -v bash >/dev/null; then
	completes force-down force
	completes fibre -s "$socket" drain ''
	completes fibre -s "$socket" drain --for 2h fi
	completes drained -s "$socket" wait fibre drain
	completes --comment drain fibre --
	grep -q limit "$dir/out" && fail "bash offers --limit to drain"
fi
run 0 --list-commands
cp "$dir/out" "$dir/commands"

# What is left is looked for in the kernel: in one of its own, where that may be had.
if unshare -n ip rule add pref 7001 lookup 7001 protocol 77 2>"$dir/err"; then
	real=$ctl
	cat >"$dir/ctl" <<-EOF
		#!/bin/sh
		exec unshare -n sh -c '[ "\$leave" = no ] || ip rule add pref 7001 lookup 7001 protocol 77
			exec "\$0" "\$@"' "$real" "\$@"
	EOF
	chmod +x "$dir/ctl"
	ctl=$dir/ctl
	run 1 release --yes
	err 'something of it is left in the kernel (rules: 1, routes: 0, ruleset: no)'
	silent out
	wait "$server" 2>/dev/null
	leave=no
	export leave
	ctl=$real serve
	run 0 release --yes --json
	out '"releasing":true,"rules_left":0,"routes_left":0,"ruleset_left":false'
	wait "$server" 2>/dev/null
	serve
	run 0 release --yes
	out '^released: uplinkd has ended, nothing of it is left in the kernel$'
	ctl=$real
else
	run 0 release --yes
	out '^released'
fi
wait "$server" 2>/dev/null
server=
run 3 status

lacks() {
	echo "FAIL: $file lacks $*"
	bad=1
}
for file in doc/uplinkctl.8 contrib/completion/uplinkctl.bash contrib/completion/_uplinkctl; do
	while read -r command options; do
		case $file in
		*.8) grep -q -e "^\.It Cm $command\b" "$srcdir/$file" ;;
		*) grep -q -e "\b$command\b" "$srcdir/$file" ;;
		esac || lacks "$command"
		for option in $options; do
			case $file in
			*.8) grep -q -e "Fl Fl ${option#--}\b" "$srcdir/$file" ;;
			*) grep -q -e "$option\b" "$srcdir/$file" ;;
			esac || lacks "$option"
		done
	done <"$dir/commands"
done

# Every member that is ever written stands in the protocol's page.
file=doc/control-protocol.md
grep -ohE '(put_[a-z_]+|json_object_set_new)\(o, "[a-z0-9_]+"|\{"[a-z0-9_]+_us"' "$srcdir"/src/engine/render_*.c |
	cut -d'"' -f2 | sort -u >"$dir/members"
[ "$(wc -l <"$dir/members")" -gt 100 ] || fail "the members of JSON are not found"
while read -r member; do
	grep -q -w -e "$member" "$srcdir/$file" || lacks "$member"
done <"$dir/members"

grep -q '^wait ' "$dir/commands" || fail "--list-commands says nothing"

exit $bad
