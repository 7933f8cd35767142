namespace Vmi.Cli.Json;

/// <summary>A line of `step`: an instruction about to be executed.</summary>
internal sealed record StepJson(
    string Time,
    int Vcpu,
    uint? Pid,
    uint? Tid,
    string? Name,
    string Address,
    string Bytes,
    string? Text,
    string? Symbol,
    string? Target,
    string? TargetSymbol);
