using System.Globalization;

namespace Vmi.Amd64;

/// <summary>The debug status register DR6 (Intel SDM volume 3, 18.2.3).</summary>
/// <param name="Value">The register as a number.</param>
public readonly record struct Dr6(ulong Value)
{
    /// <summary>B0 to B3: a bit for each breakpoint whose condition was met.</summary>
    public int BreakpointsHit
    {
        get => Bits.Get(Value, 0, 4);
        init => Value = Bits.With(Value, 0, 4, value);
    }

    /// <summary>BLD: clear if a bus lock caused the exception.</summary>
    public bool BusLockCleared
    {
        get => Bits.Get(Value, 11);
        init => Value = Bits.With(Value, 11, value);
    }

    /// <summary>BD: the next instruction touches a debug register.</summary>
    public bool DebugRegisterAccess
    {
        get => Bits.Get(Value, 13);
        init => Value = Bits.With(Value, 13, value);
    }

    /// <summary>BS: RFLAGS.TF caused the exception.</summary>
    public bool SingleStep
    {
        get => Bits.Get(Value, 14);
        init => Value = Bits.With(Value, 14, value);
    }

    /// <summary>BT: a task switch caused it.</summary>
    public bool TaskSwitch
    {
        get => Bits.Get(Value, 15);
        init => Value = Bits.With(Value, 15, value);
    }

    /// <summary>RTM: clear if it happened within a transaction.</summary>
    public bool RestrictedMemoryCleared
    {
        get => Bits.Get(Value, 16);
        init => Value = Bits.With(Value, 16, value);
    }

    /// <summary>The register with a number as its value.</summary>
    public static implicit operator Dr6(ulong value) => new(value);

    /// <summary>The register as a number.</summary>
    public static explicit operator ulong(Dr6 register) => register.Value;

    /// <summary>`0x` and lower-case hexadecimal digits.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"0x{Value:x}");
}
