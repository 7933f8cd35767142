namespace Vmi.Cli.Completion;

/// <summary>What teaches a shell to complete: each asks `vmi suggest` for the line up to the cursor.</summary>
internal static class CompletionScripts
{
    /// <summary>The shells by their names, each with its script.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        ["bash"] = Bash,
        ["zsh"] = Zsh,
        ["fish"] = Fish,
    };

    /// <summary>bash takes a word apart at colons and equals signs, and puts in what stands behind the last of them.</summary>
    private const string Bash =
        """
        # Completion of vmi in bash. To have it now: source <(vmi completion bash)
        _vmi() {
            local line=${COMP_LINE:0:COMP_POINT} word before value
            word=${line##*[[:blank:]]}
            before=${word%"${word##*[:=]}"}
            COMPREPLY=()
            while IFS=$'\t' read -r value _; do
                if [[ $value == :files ]]; then
                    compopt -o filenames 2>/dev/null
                    mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$word")
                else
                    COMPREPLY+=("${value#"$before"}")
                fi
            done < <("${1/#\~/$HOME}" suggest "$line" 2>/dev/null)
        }
        complete -F _vmi vmi
        """;

    private const string Zsh =
        """
        #compdef vmi
        # Completion of vmi in zsh. To have it now: source <(vmi completion zsh)
        _vmi() {
            local value description files
            local -a values shown
            while IFS=$'\t' read -r value description; do
                if [[ $value == :files ]]; then
                    files=1
                else
                    values+=("$value")
                    shown+=("$value${description:+  -- $description}")
                fi
            done < <("${words[1]/#\~/$HOME}" suggest "${(j: :)words[1,CURRENT-1]} $PREFIX" 2>/dev/null)
            (( ${#values} )) && compadd -l -d shown -a values
            [[ -n $files ]] && _files
        }
        if [[ $funcstack[1] == _vmi ]]; then _vmi "$@"; else compdef _vmi vmi; fi
        """;

    private const string Fish =
        """
        # Completion of vmi in fish. To have it now: vmi completion fish | source
        function __vmi_suggest
            set -l words (commandline -opc)
            for each in ($words[1] suggest "$words "(commandline -ct) 2>/dev/null)
                if test "$each" = :files
                    __fish_complete_path (commandline -ct)
                else
                    echo $each
                end
            end
        end
        complete -c vmi -f -a '(__vmi_suggest)'
        """;
}
