"""What bash, zsh and fish run to complete a line; which names there are is asked of the program."""

from __future__ import annotations

import os

from click.shell_completion import BashComplete, FishComplete, ZshComplete, split_arg_string

BASH = """\
%(complete_func)s() {
    local IFS=$'\\n' line="${COMP_LINE:0:COMP_POINT}" word prefix="" response
    word="${line##*[[:space:]]}"
    case "$COMP_WORDBREAKS" in *:*) case "$word" in *:*) prefix="${word%%:*}:" ;; esac ;; esac
    response=$(env COMP_LINE="$line" %(complete_var)s=bash_complete $1)
    COMPREPLY=()
    for completion in $response; do
        case "$completion" in
            dir,*) compopt -o dirnames ;;
            file,*) compopt -o default ;;
            *) completion="${completion#*,}"; COMPREPLY+=("${completion#"$prefix"}") ;;
        esac
    done
    [ ${#COMPREPLY[@]} -eq 1 ] && case "${COMPREPLY[0]}" in *:|*,) compopt -o nospace ;; esac
}
complete -o nosort -F %(complete_func)s %(prog_name)s
"""
"""click's own takes a word apart at its colons, as readline does; a model's name has one."""


ZSH = """\
#compdef %(prog_name)s

%(complete_func)s() {
    local -a response whole begun
    local kind value help
    response=("${(@f)$(env COMP_WORDS="${words[*]}" COMP_CWORD=$((CURRENT-1)) %(complete_var)s=zsh_complete %(prog_name)s)}")
    for kind value help in "${response[@]}"; do
        case "$kind,$value" in
            dir,*) _path_files -/ ;;
            file,*) _path_files ;;
            plain,*[:,]) begun+=("$value") ;;
            plain,*) whole+=("$value") ;;
        esac
    done
    (( $#begun )) && compadd -U -V unsorted -S '' -a begun
    (( $#whole )) && compadd -U -V unsorted -a whole
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    %(complete_func)s "$@"
else
    compdef %(complete_func)s %(prog_name)s
fi
"""
"""click's own puts a space behind a provider's colon, where the model's name is to follow."""
FISH = """\
function %(complete_func)s
    set -l response (env %(complete_var)s=fish_complete COMP_WORDS=(commandline -cp) COMP_CWORD=(commandline -t) %(prog_name)s)
    for completion in $response
        set -l found (string split -m 1 , -- $completion)
        switch $found[1]
            case dir
                __fish_complete_directories $found[2]
            case file
                __fish_complete_path $found[2]
            case plain
                echo $found[2]
        end
    end
end

complete --no-files --command %(prog_name)s --arguments "(%(complete_func)s)"
"""
"""click's own cuts a completion at its first comma; a pool of models has some."""


class _Bash(BashComplete):
    """Completes what stands before the cursor, whatever readline takes for a word."""

    source_template = BASH

    def source(self) -> str:
        """Return the script; any bash that is in use today runs it, so none is started to ask."""
        return self.source_template % self.source_vars()

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the one at the cursor, and that word."""
        line = os.environ["COMP_LINE"]
        words = split_arg_string(line)
        incomplete = words.pop() if len(words) > 1 and not line[-1:].isspace() else ""
        return words[1:], incomplete


class _Zsh(ZshComplete):
    """Completes as click does, by a script of our own."""

    source_template = ZSH


class _Fish(FishComplete):
    """Completes as click does, by a script of our own."""

    source_template = FISH


SHELLS = (_Bash, _Zsh, _Fish)
"""For click to use in place of its own."""
