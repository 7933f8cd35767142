using System.Globalization;

namespace Vmi;

/// <summary>The number of a process, as the guest's operating system shows it.</summary>
/// <param name="Value">The number.</param>
public readonly record struct ProcessId(uint Value)
{
    /// <summary>The decimal number.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
