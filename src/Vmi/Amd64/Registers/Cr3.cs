using System.Globalization;

namespace Vmi.Amd64;

/// <summary>The control register CR3 (Intel SDM volume 3, 4.5.2).</summary>
/// <param name="Value">The register as a number.</param>
public readonly record struct Cr3(ulong Value)
{
    private const ulong LongRootMask = 0x000F_FFFF_FFFF_F000;
    private const ulong PaeRootMask = 0xFFFF_FFE0;
    private const ulong LegacyRootMask = 0xFFFF_F000;

    /// <summary>PWT: the root table is cached write-through. A part of the PCID where CR4.PCIDE is set.</summary>
    public bool WriteThrough => Bits.Get(Value, 3);

    /// <summary>PCD: the root table is not cached. A part of the PCID where CR4.PCIDE is set.</summary>
    public bool CacheDisable => Bits.Get(Value, 4);

    /// <summary>The process-context identifier, where CR4.PCIDE is set: 0 to 4095.</summary>
    public int Pcid
    {
        get => Bits.Get(Value, 0, 12);
        init => Value = Bits.With(Value, 0, 12, value);
    }

    /// <summary>LAM_U57: masking of bits 57 to 62 of user pointers.</summary>
    public bool LinearAddressMaskingUser57 => Bits.Get(Value, 61);

    /// <summary>LAM_U48: masking of bits 48 to 62 of user pointers.</summary>
    public bool LinearAddressMaskingUser48 => Bits.Get(Value, 62);

    /// <summary>Bit 63 of a value to be written: cached translations of the PCID are kept. It never reads as set.</summary>
    public bool NoFlush => Bits.Get(Value, 63);

    /// <summary>The physical address of the root table: page-aligned, with PAE paging 32-byte-aligned.</summary>
    public Pa Root(PagingLevels levels) => new(Value & RootMask(levels));

    /// <summary>The same register with another root.</summary>
    public Cr3 WithRoot(PagingLevels levels, Pa root)
    {
        var mask = RootMask(levels);
        return new Cr3(Value & ~mask | root.Value & mask);
    }

    /// <summary>The register with a number as its value.</summary>
    public static implicit operator Cr3(ulong value) => new(value);

    /// <summary>The register as a number.</summary>
    public static explicit operator ulong(Cr3 register) => register.Value;

    /// <summary>`0x` and lower-case hexadecimal digits.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"0x{Value:x}");

    private static ulong RootMask(PagingLevels levels) => levels switch
    {
        PagingLevels.Legacy => LegacyRootMask,
        PagingLevels.Pae => PaeRootMask,
        _ => LongRootMask,
    };
}
