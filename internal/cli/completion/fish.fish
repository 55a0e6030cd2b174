# fish completion for PROGRAM. Load it by: PROGRAM completion fish | source
function FUNCTION_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l answer ($words[1] complete fish -- $words[2..] "$current" 2>/dev/null)
    set -l flag (string match -r -- '^--[^=]*=' $current)
    set -l begun (string replace -r -- '^--[^=]*=' '' $current)
    switch "$answer[1]"
        case files
            for path in (__fish_complete_path "$begun")
                echo "$flag$path"
            end
        case dirs
            for path in (__fish_complete_directories "$begun")
                echo "$flag$path"
            end
        case words
            string join -- \n $answer[2..]
    end
end
complete -c PROGRAM -f -a '(FUNCTION_complete)'
