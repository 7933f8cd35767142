using System.Globalization;

namespace Vmi.Amd64;

/// <summary>The control register CR0 (Intel SDM volume 3, 2.5).</summary>
/// <param name="Value">The register as a number.</param>
public readonly record struct Cr0(ulong Value)
{
    /// <summary>PE: protected mode.</summary>
    public bool ProtectionEnable
    {
        get => Bits.Get(Value, 0);
        init => Value = Bits.With(Value, 0, value);
    }

    /// <summary>MP: WAIT heeds TS.</summary>
    public bool MonitorCoprocessor
    {
        get => Bits.Get(Value, 1);
        init => Value = Bits.With(Value, 1, value);
    }

    /// <summary>EM: no x87 unit.</summary>
    public bool Emulation
    {
        get => Bits.Get(Value, 2);
        init => Value = Bits.With(Value, 2, value);
    }

    /// <summary>TS: the next x87 or SSE instruction faults.</summary>
    public bool TaskSwitched
    {
        get => Bits.Get(Value, 3);
        init => Value = Bits.With(Value, 3, value);
    }

    /// <summary>ET: always set.</summary>
    public bool ExtensionType
    {
        get => Bits.Get(Value, 4);
        init => Value = Bits.With(Value, 4, value);
    }

    /// <summary>NE: x87 errors raise #MF.</summary>
    public bool NumericError
    {
        get => Bits.Get(Value, 5);
        init => Value = Bits.With(Value, 5, value);
    }

    /// <summary>WP: read-only pages are so for the supervisor also.</summary>
    public bool WriteProtect
    {
        get => Bits.Get(Value, 16);
        init => Value = Bits.With(Value, 16, value);
    }

    /// <summary>AM: alignment is checked where RFLAGS.AC asks for it.</summary>
    public bool AlignmentMask
    {
        get => Bits.Get(Value, 18);
        init => Value = Bits.With(Value, 18, value);
    }

    /// <summary>NW.</summary>
    public bool NotWriteThrough
    {
        get => Bits.Get(Value, 29);
        init => Value = Bits.With(Value, 29, value);
    }

    /// <summary>CD: the caches are not filled.</summary>
    public bool CacheDisable
    {
        get => Bits.Get(Value, 30);
        init => Value = Bits.With(Value, 30, value);
    }

    /// <summary>PG: paging is on.</summary>
    public bool Paging
    {
        get => Bits.Get(Value, 31);
        init => Value = Bits.With(Value, 31, value);
    }

    /// <summary>The register with a number as its value.</summary>
    public static implicit operator Cr0(ulong value) => new(value);

    /// <summary>The register as a number.</summary>
    public static explicit operator ulong(Cr0 register) => register.Value;

    /// <summary>`0x` and lower-case hexadecimal digits.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"0x{Value:x}");
}
