namespace Vmi;

/// <summary>The address of the kernel's own structure for a thread (`task_struct`, `_ETHREAD`).</summary>
/// <param name="Va">The address.</param>
public readonly record struct ThreadObject(Va Va)
{
    /// <summary>The address.</summary>
    public override string ToString() => Va.ToString();
}
