namespace Vmi;

/// <summary>A driver lacks an ability. Nothing was changed.</summary>
/// <param name="ability">What was asked for.</param>
/// <param name="who">Who lacks it: the driver's name, or the operating system's.</param>
public sealed class VmiNotSupportedException(string ability, string who) : VmiException($"{who} does not support {ability}.")
{
    /// <summary>What was asked for.</summary>
    public string Ability { get; } = ability;

    /// <summary>Who lacks it.</summary>
    public string Who { get; } = who;
}
