using System.Globalization;

namespace Vmi;

/// <summary>A view: one of several second-level translations (EPT, altp2m) of the same guest memory. View 0 is the default one.</summary>
/// <param name="Value">The view's number.</param>
public readonly record struct View(ushort Value)
{
    /// <summary>The normal, unmodified memory of the VM.</summary>
    public static View Default => default;

    /// <summary>The decimal number.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
