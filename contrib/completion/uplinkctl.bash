# SPDX-License-Identifier: ISC
# Completion of uplinkctl for bash: commands, their options, and the links that
# the running daemon knows.

_uplinkctl_links()
{
	local IFS=$'\n' links
	links=$(uplinkctl "${socket[@]}" --list-links 2>/dev/null </dev/null) || return
	local link
	for link in $links; do
		[[ $link == "$cur"* ]] && COMPREPLY+=("$(printf '%q' "$link")")
	done
}

_uplinkctl()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
	local command= words=0 i socket=() IFS=$' \t\n'
	local commands="status targets routes plan events record history explain top stats drain force-up force-down auto
		wait verify reload release"
	local order="--for --comment --owner --force"

	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-s|--socket) socket=(-s "${COMP_WORDS[++i]}") ;;
		--for|--comment|--owner|--limit|--since|--timeout|--minutes|--interval) ((i++)) ;;
		-*) ;;
		*) if [[ -z $command ]]; then command=${COMP_WORDS[i]}; else ((words++)); fi ;;
		esac
	done

	case $prev in
	-s|--socket)
		COMPREPLY=($(compgen -f -- "$cur"))
		return ;;
	--for|--timeout)
		COMPREPLY=($(compgen -W "15m 1h 2h 1d" -- "$cur"))
		return ;;
	--interval)
		COMPREPLY=($(compgen -W "1 2 5 10" -- "$cur"))
		return ;;
	--minutes)
		COMPREPLY=($(compgen -W "60 360 1440" -- "$cur"))
		return ;;
	--comment|--owner|--limit|--since)
		return ;;
	esac

	if [[ $cur == -* ]]; then
		local options="--json --help"
		case $command in
		'') options+=" --socket --version" ;;
		drain|force-up|force-down) options+=" $order" ;;
		auto) options+=" --force" ;;
		events) options+=" --follow --limit --since" ;;
		top) options+=" --interval" ;;
		history) options+=" --minutes --svg" ;;
		wait) options+=" --timeout" ;;
		release) options+=" --yes" ;;
		esac
		COMPREPLY=($(compgen -W "$options" -- "$cur"))
		return
	fi
	case $command:$words in
	:*)
		COMPREPLY=($(compgen -W "$commands" -- "$cur")) ;;
	wait:1)
		COMPREPLY=($(compgen -W "up degraded down active standby draining drained out" \
			-- "$cur")) ;;
	status:0|targets:0|routes:0|plan:0|history:0|explain:0|drain:0|force-up:0|force-down:0|auto:0|wait:0|verify:0)
		_uplinkctl_links ;;
	esac
}

complete -F _uplinkctl uplinkctl
