#compdef PROGRAM
# zsh completion for PROGRAM. Load it, behind compinit, by: source <(PROGRAM completion zsh)
FUNCTION_complete() {
	local -a answer found
	local line
	answer=("${(@f)$("${(Q)words[1]}" complete zsh -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
	case ${answer[1]} in
	files)
		compset -P '--*='
		_files
		return
		;;
	dirs)
		compset -P '--*='
		_files -/
		return
		;;
	esac
	shift answer
	for line in $answer; do
		found+=("${${line%%$'\t'*}//:/\\:}${${line#*$'\t'}:+:${line#*$'\t'}}")
	done
	_describe -t words 'word' found
}
compdef FUNCTION_complete PROGRAM
[[ ${funcstack[1]} == _PROGRAM ]] && FUNCTION_complete # when it was loaded from a file of that name in fpath
return 0
