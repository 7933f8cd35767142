namespace Vmi.Guests;

/// <summary>A thread, from the guest's <c>/proc/PID/task/TID</c>.</summary>
/// <param name="Id">The thread's id; the leader's is the process's.</param>
/// <param name="RawName">Its name, as <c>task_struct.comm</c> has it.</param>
/// <param name="State">Its state's letter.</param>
/// <param name="StartTicks">When it started, in hundredths of a second since boot.</param>
/// <param name="Switches">How often it had been switched away from, before its stack was read.</param>
/// <param name="Stack">Its kernel stack, from where it waits on; without the scheduler's own functions.</param>
/// <param name="Syscall">
/// Its system call as <c>/proc/PID/syscall</c> has it: number, six arguments, stack pointer, instruction pointer.
/// </param>
public sealed record TruthThread(
    int Id, byte[] RawName, char State, ulong StartTicks, ulong Switches, IReadOnlyList<TruthStackFrame> Stack,
    string Syscall)
{
    /// <summary><see cref="RawName"/> as text; bytes that are not UTF-8 are escaped <c>\xNN</c>.</summary>
    public string Name => TruthText.Decode(RawName);
}
