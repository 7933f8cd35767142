using System.Globalization;

namespace Vmi.Amd64;

/// <summary>RFLAGS (Intel SDM volume 1, 3.4.3).</summary>
/// <param name="Value">The register as a number.</param>
public readonly record struct Rflags(ulong Value)
{
    /// <summary>CF.</summary>
    public bool Carry
    {
        get => Bits.Get(Value, 0);
        init => Value = Bits.With(Value, 0, value);
    }

    /// <summary>PF.</summary>
    public bool Parity
    {
        get => Bits.Get(Value, 2);
        init => Value = Bits.With(Value, 2, value);
    }

    /// <summary>AF.</summary>
    public bool AuxiliaryCarry
    {
        get => Bits.Get(Value, 4);
        init => Value = Bits.With(Value, 4, value);
    }

    /// <summary>ZF.</summary>
    public bool Zero
    {
        get => Bits.Get(Value, 6);
        init => Value = Bits.With(Value, 6, value);
    }

    /// <summary>SF.</summary>
    public bool Sign
    {
        get => Bits.Get(Value, 7);
        init => Value = Bits.With(Value, 7, value);
    }

    /// <summary>TF: a debug exception after each instruction.</summary>
    public bool Trap
    {
        get => Bits.Get(Value, 8);
        init => Value = Bits.With(Value, 8, value);
    }

    /// <summary>IF: external interrupts are taken.</summary>
    public bool InterruptEnable
    {
        get => Bits.Get(Value, 9);
        init => Value = Bits.With(Value, 9, value);
    }

    /// <summary>DF: string instructions go down.</summary>
    public bool Direction
    {
        get => Bits.Get(Value, 10);
        init => Value = Bits.With(Value, 10, value);
    }

    /// <summary>OF.</summary>
    public bool Overflow
    {
        get => Bits.Get(Value, 11);
        init => Value = Bits.With(Value, 11, value);
    }

    /// <summary>IOPL: the privilege level that I/O needs, 0 to 3.</summary>
    public int IoPrivilegeLevel
    {
        get => Bits.Get(Value, 12, 2);
        init => Value = Bits.With(Value, 12, 2, value);
    }

    /// <summary>NT.</summary>
    public bool NestedTask
    {
        get => Bits.Get(Value, 14);
        init => Value = Bits.With(Value, 14, value);
    }

    /// <summary>RF: an instruction breakpoint here does not hit once.</summary>
    public bool Resume
    {
        get => Bits.Get(Value, 16);
        init => Value = Bits.With(Value, 16, value);
    }

    /// <summary>VM: virtual-8086 mode.</summary>
    public bool VirtualMode8086
    {
        get => Bits.Get(Value, 17);
        init => Value = Bits.With(Value, 17, value);
    }

    /// <summary>AC: alignment checks; with SMAP, the supervisor may touch user pages.</summary>
    public bool AlignmentCheck
    {
        get => Bits.Get(Value, 18);
        init => Value = Bits.With(Value, 18, value);
    }

    /// <summary>VIF.</summary>
    public bool VirtualInterrupt
    {
        get => Bits.Get(Value, 19);
        init => Value = Bits.With(Value, 19, value);
    }

    /// <summary>VIP.</summary>
    public bool VirtualInterruptPending
    {
        get => Bits.Get(Value, 20);
        init => Value = Bits.With(Value, 20, value);
    }

    /// <summary>ID: CPUID exists.</summary>
    public bool Identification
    {
        get => Bits.Get(Value, 21);
        init => Value = Bits.With(Value, 21, value);
    }

    /// <summary>The register with a number as its value.</summary>
    public static implicit operator Rflags(ulong value) => new(value);

    /// <summary>The register as a number.</summary>
    public static explicit operator ulong(Rflags register) => register.Value;

    /// <summary>`0x` and lower-case hexadecimal digits.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"0x{Value:x}");
}
