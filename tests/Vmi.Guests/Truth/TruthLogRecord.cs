namespace Vmi.Guests;

/// <summary>A record of the guest's <c>/dev/kmsg</c>.</summary>
/// <param name="Level">The level, 0 (emergency) to 7 (debug).</param>
/// <param name="Facility">The facility; 0 is the kernel.</param>
/// <param name="Sequence">Its number, from 0 at boot.</param>
/// <param name="Microseconds">When it was made, in microseconds since boot.</param>
/// <param name="Text">The message, in which the kernel has escaped unprintable bytes and backslashes as <c>\xNN</c>.</param>
public sealed record TruthLogRecord(int Level, int Facility, ulong Sequence, ulong Microseconds, string Text);
