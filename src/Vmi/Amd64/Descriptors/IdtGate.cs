using System.Globalization;

namespace Vmi.Amd64;

/// <summary>
/// An entry of the interrupt descriptor table: 8 bytes in protected mode, 16 in long mode (Intel SDM volume 3, 6.11 and 6.14.1).
/// </summary>
/// <param name="Low">The first 8 bytes.</param>
/// <param name="High">The second 8 bytes; 0 in protected mode.</param>
public readonly record struct IdtGate(ulong Low, ulong High)
{
    /// <summary>The offset of the handler in its code segment; in long mode its address.</summary>
    public Va Offset => new(Low & 0xFFFF | Low >> 32 & 0xFFFF_0000 | High << 32);

    /// <summary>The code segment of the handler, or the TSS of a task gate.</summary>
    public SegmentSelector Selector => new((ushort)(Low >> 16));

    /// <summary>IST: the number of the stack that the handler begins on, 1 to 7; 0 for none. In long mode only.</summary>
    public int InterruptStackTable => Bits.Get(Low, 32, 3);

    /// <summary>The type. Other values than those named are invalid.</summary>
    public GateType Type => (GateType)Bits.Get(Low, 40, 4);

    /// <summary>Whether S is clear, as in every valid gate.</summary>
    public bool IsSystem => !Bits.Get(Low, 44);

    /// <summary>DPL: the least privileged level that may raise it with an INT instruction, 0 to 3.</summary>
    public int Dpl => Bits.Get(Low, 45, 2);

    /// <summary>P: whether the gate is present.</summary>
    public bool Present => Bits.Get(Low, 47);

    /// <summary>Selector and offset of the handler.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Selector}:{Offset}");
}
