using System.Numerics;

namespace Vmi.Linux;

/// <summary>The state of a task, as the letter that /proc/PID/stat shows.</summary>
internal static class TaskState
{
    // Bits of task_struct.__state and .exit_state, from bit 0: interruptible, uninterruptible, stopped, traced, dead, zombie, parked.
    private const string Letters = "RSDTtXZP";
    private const uint Reported = 0x7F;
    private const uint Uninterruptible = 0x0002;
    private const uint Idle = 0x0402; // TASK_UNINTERRUPTIBLE | TASK_NOLOAD
    private const uint RtLockWait = 0x1000;
    private const uint Frozen = 0x8000;

    public static char Letter(uint state, uint exitState)
    {
        if ((state & Idle) == Idle)
            return 'I';
        var reported = (state & (RtLockWait | Frozen)) != 0 ? Uninterruptible : (state | exitState) & Reported;
        return Letters[32 - BitOperations.LeadingZeroCount(reported)];
    }
}
