using System.Globalization;

namespace Vmi.Amd64;

/// <summary>The debug control register DR7 (Intel SDM volume 3, 18.2.4).</summary>
/// <param name="Value">The register as a number.</param>
public readonly record struct Dr7(ulong Value)
{
    /// <summary>LE: exact local breakpoints; without effect on current CPUs.</summary>
    public bool LocalExact => Bits.Get(Value, 8);

    /// <summary>GE: exact global breakpoints; without effect on current CPUs.</summary>
    public bool GlobalExact => Bits.Get(Value, 9);

    /// <summary>RTM: debugging of transactions.</summary>
    public bool RestrictedTransactionalMemory => Bits.Get(Value, 11);

    /// <summary>GD: the next touch of a debug register raises a debug exception.</summary>
    public bool GeneralDetect
    {
        get => Bits.Get(Value, 13);
        init => Value = Bits.With(Value, 13, value);
    }

    /// <summary>L0 to L3: whether a breakpoint is on until the next task switch.</summary>
    /// <param name="index">0 to 3.</param>
    public bool IsLocal(int index) => Bits.Get(Value, 2 * Checked(index));

    /// <summary>G0 to G3: whether a breakpoint is on for all tasks.</summary>
    /// <param name="index">0 to 3.</param>
    public bool IsGlobal(int index) => Bits.Get(Value, 2 * Checked(index) + 1);

    /// <summary>R/W0 to R/W3: what a breakpoint waits for.</summary>
    /// <param name="index">0 to 3.</param>
    public BreakpointCondition Condition(int index) => (BreakpointCondition)Bits.Get(Value, 16 + 4 * Checked(index), 2);

    /// <summary>LEN0 to LEN3: the bytes a breakpoint covers, 1, 2, 4 or 8.</summary>
    /// <param name="index">0 to 3.</param>
    public int Length(int index) => Bits.Get(Value, 18 + 4 * Checked(index), 2) switch { 0 => 1, 1 => 2, 2 => 8, _ => 4 };

    /// <summary>The same register with one breakpoint set, for all tasks.</summary>
    /// <param name="index">0 to 3; its address is DR0 to DR3.</param>
    /// <param name="condition">What it waits for.</param>
    /// <param name="length">1, 2, 4 or 8 bytes; 1 for <see cref="BreakpointCondition.Execute"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">No such index or length.</exception>
    public Dr7 WithBreakpoint(int index, BreakpointCondition condition, int length)
    {
        var encoded = length switch
        {
            1 => 0,
            2 when condition != BreakpointCondition.Execute => 1,
            8 when condition != BreakpointCondition.Execute => 2,
            4 when condition != BreakpointCondition.Execute => 3,
            _ => throw new ArgumentOutOfRangeException(nameof(length), length, "A breakpoint covers 1, 2, 4 or 8 bytes, on execution 1."),
        };
        var value = Bits.With(Value, 2 * Checked(index) + 1, on: true);
        return new Dr7(Bits.With(value, 16 + 4 * index, 4, (int)condition | encoded << 2));
    }

    /// <summary>The same register with one breakpoint off.</summary>
    /// <param name="index">0 to 3.</param>
    public Dr7 WithoutBreakpoint(int index) =>
        new(Bits.With(Bits.With(Value, 2 * Checked(index), 2, 0), 16 + 4 * index, 4, 0));

    /// <summary>The register with a number as its value.</summary>
    public static implicit operator Dr7(ulong value) => new(value);

    /// <summary>The register as a number.</summary>
    public static explicit operator ulong(Dr7 register) => register.Value;

    /// <summary>`0x` and lower-case hexadecimal digits.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"0x{Value:x}");

    private static int Checked(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(index, 3);
        return index;
    }
}
