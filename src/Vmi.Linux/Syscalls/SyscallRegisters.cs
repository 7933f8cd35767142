using System.Runtime.CompilerServices;

namespace Vmi.Linux;

/// <summary>The six values that the registers of a call hold, whether it has so many parameters or not.</summary>
[InlineArray(Count)]
internal struct SyscallRegisters
{
    public const int Count = 6;

    private ulong _first;
}
