namespace Vmi;

/// <summary>The address of the kernel's own structure for a process (`task_struct` of the group's leader, `_EPROCESS`).</summary>
/// <param name="Va">The address.</param>
public readonly record struct ProcessObject(Va Va)
{
    /// <summary>The address.</summary>
    public override string ToString() => Va.ToString();
}
