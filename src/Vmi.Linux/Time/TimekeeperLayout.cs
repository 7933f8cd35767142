using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>`struct timekeeper`.</summary>
internal sealed class TimekeeperLayout : StructLayout
{
    public TimekeeperLayout(Profile profile)
        : base(profile, "timekeeper")
    {
        Base = Number("tkr_mono.base");
        Shift = Number("tkr_mono.shift");
        Nanoseconds = Number("tkr_mono.xtime_nsec");
        RealOffset = Number("offs_real");
        BootOffset = Number("offs_boot");
        // A nameless structure holds it in most kernels: a sequence counter comes first, with its lock in a realtime kernel.
        Start = profile.TryGetField("tk_data", "timekeeper", out var field) ? field.Offset
            : profile.TryGetSize("seqcount_raw_spinlock", out var counter) && counter is > 8 and <= 64 ? (counter + 7) & ~7UL : 8;
    }

    public Field Base { get; }

    public Field Shift { get; }

    public Field Nanoseconds { get; }

    public Field RealOffset { get; }

    public Field BootOffset { get; }

    /// <summary>Where it lies in `tk_core`.</summary>
    public ulong Start { get; }
}
