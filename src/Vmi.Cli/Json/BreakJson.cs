namespace Vmi.Cli.Json;

/// <summary>A line of `break`: a hit.</summary>
internal sealed record BreakJson(
    string Time,
    int Vcpu,
    uint? Pid,
    uint? Tid,
    string? Name,
    string Address,
    string? Symbol,
    IReadOnlyList<string>? Arguments,
    IReadOnlyDictionary<string, string> Registers,
    IReadOnlyList<StackFrameJson> Stack,
    string? StackIncomplete);
