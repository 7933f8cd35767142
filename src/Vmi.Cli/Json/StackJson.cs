namespace Vmi.Cli.Json;

/// <summary>An entry of `stack`: a thread with its frames, the innermost first.</summary>
/// <param name="Tid">The thread.</param>
/// <param name="Name">Its name.</param>
/// <param name="State">Its state's letter.</param>
/// <param name="Frames">The frames.</param>
/// <param name="Incomplete">Why they are not all; null if they are.</param>
internal sealed record StackJson(uint Tid, string Name, string State, IReadOnlyList<StackFrameJson> Frames, string? Incomplete);
