using System.Globalization;
using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>A frame of a kernel stack: where one function is.</summary>
public sealed class LinuxStackFrame
{
    internal LinuxStackFrame()
    {
    }

    /// <summary>
    /// Where it goes on: the address behind a call; in interrupted code, and where the vCPU is, the next instruction.
    /// </summary>
    public required Va Address { get; init; }

    /// <summary>The function and the distance from its start; null if it is not known, as of a program's.</summary>
    public required SymbolLocation? Symbol { get; init; }

    /// <summary>The module whose code it is; null for the kernel's own, and for what is no module's.</summary>
    public required string? Module { get; init; }

    /// <summary>Bytes from the start of the module's code; null where <see cref="Module"/> is.</summary>
    public required ulong? ModuleOffset { get; init; }

    /// <summary>RSP in this function at <see cref="Address"/>.</summary>
    public required Va StackPointer { get; init; }

    /// <summary>
    /// Whether the frame was found by the kernel's unwind tables (in a kernel without, by its frame pointers). Else code without such data
    /// lies below it, such as a BPF program's, and it was found on the guess that this code keeps a frame pointer.
    /// </summary>
    public required bool IsReliable { get; init; }

    /// <summary>Whether it is a program's: the last, which called the kernel or was interrupted, or runs on the vCPU.</summary>
    public required bool IsUserMode { get; init; }

    /// <summary>The registers with which it goes on, where it was interrupted; null if it made a call.</summary>
    public required LinuxTrapFrame? Interrupted { get; init; }

    /// <summary>`function+0x10`, with the module in brackets; the address where no function is known.</summary>
    public override string ToString() => (Symbol, Module) switch
    {
        ({ } symbol, null) => symbol.ToString(),
        ({ } symbol, _) => $"{symbol} [{Module}]",
        (null, { } module) => string.Create(CultureInfo.InvariantCulture, $"[{module}]+0x{ModuleOffset:x}"),
        _ => Address.ToString(),
    };
}
