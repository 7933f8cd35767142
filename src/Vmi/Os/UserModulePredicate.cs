namespace Vmi;

/// <summary>Which program or library of a process is meant. Converts from a name (ASCII case does not matter) or a function.</summary>
public sealed class UserModulePredicate
{
    private readonly Func<VmiUserModule, bool> _matches;

    private UserModulePredicate(Func<VmiUserModule, bool> matches) => _matches = matches;

    /// <summary>Any program or library.</summary>
    public static UserModulePredicate Any { get; } = new(_ => true);

    /// <summary>Those with a name.</summary>
    public static implicit operator UserModulePredicate(string name) =>
        new(module => string.Equals(module.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Those that a function says yes to.</summary>
    public static implicit operator UserModulePredicate(Func<VmiUserModule, bool> matches) => new(matches);

    /// <summary>Whether a program or library is meant.</summary>
    public bool Matches(VmiUserModule module) => _matches(module);
}
