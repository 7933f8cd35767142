namespace Vmi.Guests;

/// <summary>A line of the guest's <c>/proc/PID/stack</c>.</summary>
/// <param name="Symbol">The function; null where the kernel knew none, which ends what it shows reliably.</param>
/// <param name="Offset">Bytes from its start.</param>
/// <param name="Module">The module that it belongs to, or null.</param>
public sealed record TruthStackFrame(string? Symbol, ulong Offset, string? Module);
