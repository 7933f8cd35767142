namespace Vmi;

/// <summary>Which kernel module is meant. Converts from a name (ASCII case does not matter) or a function.</summary>
public sealed class ModulePredicate
{
    private readonly Func<VmiModule, bool> _matches;

    private ModulePredicate(Func<VmiModule, bool> matches) => _matches = matches;

    /// <summary>Any module.</summary>
    public static ModulePredicate Any { get; } = new(_ => true);

    /// <summary>The modules with a name.</summary>
    public static implicit operator ModulePredicate(string name) =>
        new(module => string.Equals(module.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The modules that a function says yes to.</summary>
    public static implicit operator ModulePredicate(Func<VmiModule, bool> matches) => new(matches);

    /// <summary>Whether a module is meant.</summary>
    public bool Matches(VmiModule module) => _matches(module);
}
