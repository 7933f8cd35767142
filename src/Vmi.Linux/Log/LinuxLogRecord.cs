using System.Globalization;

namespace Vmi.Linux;

/// <summary>A record of the kernel's log. Corresponds to `struct printk_info` and its text.</summary>
/// <param name="Sequence">Its number; they count up from 0 at the boot.</param>
/// <param name="TimestampNanoseconds">The kernel's own clock (`local_clock`) when it was written, in nanoseconds.</param>
/// <param name="Level">How urgent it is, from 0 (emergency) to 7 (debug).</param>
/// <param name="Facility">Who wrote it: 0 the kernel, 1 to 23 a program (syslog(3)).</param>
/// <param name="CallerId">The thread that wrote it, or with bit 31 set the CPU.</param>
/// <param name="TextBytes">The text as the kernel has it, without a newline at its end.</param>
public sealed record LinuxLogRecord(
    ulong Sequence, ulong TimestampNanoseconds, int Level, int Facility, uint CallerId, ReadOnlyMemory<byte> TextBytes)
{
    /// <summary>The text; bytes that are not UTF-8 are escaped `\xNN`. It may have several lines.</summary>
    public string Text => GuestText.Decode(TextBytes.Span);

    /// <summary>When it was written: the time from the boot on.</summary>
    public TimeSpan Timestamp => KernelTime.Span(TimestampNanoseconds);

    /// <summary>As `dmesg` shows it: `[    1.234567] text`.</summary>
    public override string ToString()
    {
        var (seconds, rest) = Math.DivRem(TimestampNanoseconds, 1_000_000_000UL);
        return string.Create(CultureInfo.InvariantCulture, $"[{seconds,5}.{rest / 1000:000000}] {Text}");
    }
}
