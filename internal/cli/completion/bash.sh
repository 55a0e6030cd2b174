# bash completion for PROGRAM. Load it by: source <(PROGRAM completion bash)
FUNCTION_complete() {
	local IFS=$'\n' answer kind word=${COMP_WORDS[COMP_CWORD]}
	COMPREPLY=()
	answer=$("${COMP_WORDS[0]}" complete bash -- "$COMP_WORDBREAKS" "${COMP_LINE:0:COMP_POINT}" 2>/dev/null) || return
	kind=${answer%%$'\n'*}
	[[ $word == = ]] && word= # behind --flag=
	case $kind in
	files) COMPREPLY=($(compgen -f -- "$word")) ;;
	dirs) COMPREPLY=($(compgen -d -- "$word")) ;;
	words)
		local line
		while read -r line; do
			COMPREPLY+=("${line%%$'\t'*}")
		done <<<"${answer#"$kind"}"
		[[ -z ${COMPREPLY[0]} ]] && COMPREPLY=("${COMPREPLY[@]:1}") # the line break behind the kind
		return
		;;
	esac
	compopt -o filenames 2>/dev/null # which old shells lack
}
complete -F FUNCTION_complete PROGRAM
