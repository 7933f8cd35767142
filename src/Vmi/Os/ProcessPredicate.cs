namespace Vmi;

/// <summary>Which process is meant. Converts from a name (ASCII case does not matter), a number, or a function.</summary>
public sealed class ProcessPredicate
{
    private readonly Func<VmiProcess, bool> _matches;

    private ProcessPredicate(Func<VmiProcess, bool> matches) => _matches = matches;

    /// <summary>Any process.</summary>
    public static ProcessPredicate Any { get; } = new(_ => true);

    /// <summary>The processes with a name.</summary>
    public static implicit operator ProcessPredicate(string name) =>
        new(process => string.Equals(process.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The process with a number.</summary>
    public static implicit operator ProcessPredicate(ProcessId id) => new(process => process.Id == id);

    /// <summary>The processes that a function says yes to.</summary>
    public static implicit operator ProcessPredicate(Func<VmiProcess, bool> matches) => new(matches);

    /// <summary>Whether a process is meant.</summary>
    public bool Matches(VmiProcess process) => _matches(process);
}
