namespace Vmi.Cli.Json;

/// <summary>A line of `watch`: a touch.</summary>
internal sealed record WatchJson(
    string Time,
    int Vcpu,
    uint? Pid,
    uint? Tid,
    string? Name,
    string Access,
    string Address,
    int Length,
    string? Before,
    string? After,
    string InstructionPointer,
    string? Symbol);
