namespace Vmi.Linux;

/// <summary>The names of bits. Names of several bits come before those of their parts.</summary>
/// <param name="flags">The bits.</param>
internal sealed class FlagTable(params (ulong Bits, string Name)[] flags)
{
    /// <summary>The names of the values of the bits in <see cref="FieldMask"/>, a number; null if there is no such field.</summary>
    public ConstantTable? Field { get; init; }

    public ulong FieldMask { get; init; }

    /// <summary>What no bits at all are called.</summary>
    public string None { get; init; } = "0";

    public (ulong Bits, string Name)[] Flags { get; } = flags;
}
