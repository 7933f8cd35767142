namespace Vmi.Linux;

/// <summary>An entry of a sparse array.</summary>
/// <param name="Index">The first index that it stands for.</param>
/// <param name="Count">How many indices it stands for: the kernel keeps a large thing once, not once an index.</param>
/// <param name="Entry">A pointer, or a value.</param>
internal readonly record struct XArrayEntry(ulong Index, ulong Count, Va Entry)
{
    /// <summary>Whether it is a number in place of a pointer (`xa_is_value`).</summary>
    public bool IsValue => (Entry.Value & 1) != 0;
}
