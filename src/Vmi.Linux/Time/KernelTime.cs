namespace Vmi.Linux;

/// <summary>
/// The guest's clocks as of the kernel's last update of them, which an idle guest puts off: by seconds where no CPU has a timer to
/// wait for. Corresponds to `struct timekeeper`.
/// </summary>
/// <param name="Uptime">`ktime_get_boottime`: the time since the boot, sleep included.</param>
/// <param name="BootTime">`getboottime64`: the wall clock's time of the boot, as the clock is set now.</param>
internal sealed record KernelTime(TimeSpan Uptime, DateTimeOffset BootTime)
{
    private const long NanosecondsPerTick = 100;

    public static TimeSpan Span(ulong nanoseconds) => TimeSpan.FromTicks((long)(nanoseconds / (ulong)NanosecondsPerTick));

    public static KernelTime? TryRead(KernelReader kernel)
    {
        var layout = kernel.Layouts.Timekeeper;
        // Since 6.19 an array, whose first entry it is.
        if ((!kernel.Kernel.Profile.TryGetSymbol("tk_core", out var core)
                && !kernel.Kernel.Profile.TryGetSymbol("timekeeper_data", out core))
            || !kernel.TryReadStruct(core + layout.Start, layout, out var keeper))
            return null;
        var boot = (long)keeper.Read(layout.BootOffset);
        var fraction = keeper.Read(layout.Nanoseconds) >> (int)(keeper.Read(layout.Shift) & 63);
        var uptime = unchecked((long)(keeper.Read(layout.Base) + fraction) + boot);
        var wall = unchecked((long)keeper.Read(layout.RealOffset) - boot);
        return new KernelTime(
            TimeSpan.FromTicks(uptime / NanosecondsPerTick), DateTimeOffset.UnixEpoch.AddTicks(wall / NanosecondsPerTick));
    }
}
