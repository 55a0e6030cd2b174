#compdef PROGRAM
# zsh completion for PROGRAM. Load it, behind compinit, by: source <(PROGRAM completion zsh)
FUNCTION_complete() {
	local -a answer texts shown
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
		texts+=("${line%%$'\t'*}")
		if [[ -n ${line#*$'\t'} ]]; then
			shown+=("${line%%$'\t'*}  -- ${line#*$'\t'}")
		else
			shown+=("${line%%$'\t'*}")
		fi
	done
	compadd -l -d shown -a texts
}
compdef FUNCTION_complete PROGRAM
