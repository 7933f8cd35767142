using System.Globalization;

namespace Vmi.Amd64;

/// <summary>The MSR IA32_EFER (Intel SDM volume 3, 2.2.1; AMD APM volume 2, 3.1.7).</summary>
/// <param name="Value">The register as a number.</param>
public readonly record struct Efer(ulong Value)
{
    /// <summary>SCE: SYSCALL and SYSRET.</summary>
    public bool SystemCallExtensions
    {
        get => Bits.Get(Value, 0);
        init => Value = Bits.With(Value, 0, value);
    }

    /// <summary>LME: long mode begins with paging.</summary>
    public bool LongModeEnable
    {
        get => Bits.Get(Value, 8);
        init => Value = Bits.With(Value, 8, value);
    }

    /// <summary>LMA: long mode.</summary>
    public bool LongModeActive
    {
        get => Bits.Get(Value, 10);
        init => Value = Bits.With(Value, 10, value);
    }

    /// <summary>NXE: bit 63 of a page-table entry forbids execution.</summary>
    public bool NoExecuteEnable
    {
        get => Bits.Get(Value, 11);
        init => Value = Bits.With(Value, 11, value);
    }

    /// <summary>SVME (AMD).</summary>
    public bool SecureVirtualMachineEnable
    {
        get => Bits.Get(Value, 12);
        init => Value = Bits.With(Value, 12, value);
    }

    /// <summary>LMSLE (AMD).</summary>
    public bool LongModeSegmentLimitEnable
    {
        get => Bits.Get(Value, 13);
        init => Value = Bits.With(Value, 13, value);
    }

    /// <summary>FFXSR (AMD).</summary>
    public bool FastFxsr
    {
        get => Bits.Get(Value, 14);
        init => Value = Bits.With(Value, 14, value);
    }

    /// <summary>TCE (AMD).</summary>
    public bool TranslationCacheExtension
    {
        get => Bits.Get(Value, 15);
        init => Value = Bits.With(Value, 15, value);
    }

    /// <summary>The register with a number as its value.</summary>
    public static implicit operator Efer(ulong value) => new(value);

    /// <summary>The register as a number.</summary>
    public static explicit operator ulong(Efer register) => register.Value;

    /// <summary>`0x` and lower-case hexadecimal digits.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"0x{Value:x}");
}
