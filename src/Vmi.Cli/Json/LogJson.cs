namespace Vmi.Cli.Json;

/// <summary>An entry of `dmesg`.</summary>
internal sealed record LogJson(ulong Sequence, decimal Timestamp, int Level, int Facility, uint CallerId, string Text);
