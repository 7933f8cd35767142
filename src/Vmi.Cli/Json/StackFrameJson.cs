namespace Vmi.Cli.Json;

/// <summary>A frame of a kernel stack.</summary>
/// <param name="Address">Where it goes on.</param>
/// <param name="Symbol">The function; null if it is not known.</param>
/// <param name="Offset">Bytes from its start.</param>
/// <param name="Module">The module that the code belongs to.</param>
/// <param name="ModuleOffset">Bytes from the start of the module's code.</param>
/// <param name="StackPointer">RSP there.</param>
/// <param name="Reliable">Whether it was found by the kernel's own unwind data.</param>
/// <param name="UserMode">Whether it is the program's.</param>
/// <param name="Registers">The registers of interrupted code, those that are known; null where a call was made.</param>
internal sealed record StackFrameJson(
    string Address,
    string? Symbol,
    ulong? Offset,
    string? Module,
    ulong? ModuleOffset,
    string StackPointer,
    bool Reliable,
    bool UserMode,
    IReadOnlyDictionary<string, string>? Registers);
