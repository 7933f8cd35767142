namespace Vmi.Linux;

/// <content>The system as a whole: its log, its clocks, its names.</content>
public sealed partial class LinuxOs
{
    private const int LongestCommandLine = 64 * 1024;

    /// <summary>The kernel's release as `uname -r` shows it. Corresponds to `init_uts_ns.name.release`; null if it is not there.</summary>
    public string? KernelRelease => UtsName("release");

    /// <summary>The name of the machine. Corresponds to `init_uts_ns.name.nodename`; null if it is not there.</summary>
    public string? HostName => UtsName("nodename");

    /// <summary>
    /// What the kernel was started with, as /proc/cmdline shows it. Corresponds to `saved_command_line`; null if it is not there.
    /// </summary>
    public string? KernelCommandLine =>
        _reader.TryReadVa(_reader.Symbol("saved_command_line"), out var text)
        && _reader.ReadText(text, Math.Min(LongestCommandLine, _reader.Limits.StringBytes)) is { } line ? GuestText.Decode(line) : null;

    /// <summary>
    /// The time since the boot, sleep included, as of the kernel's last update of its clocks, which an idle guest puts off for seconds;
    /// null if its timekeeping is not there.
    /// </summary>
    public TimeSpan? Uptime => KernelTime.TryRead(_reader)?.Uptime;

    /// <summary>When the guest was booted, by its own clock; null if its timekeeping is not there.</summary>
    public DateTimeOffset? BootTime => KernelTime.TryRead(_reader)?.BootTime;

    /// <summary>
    /// What the kernel says of itself for crash dumps: lines of `KEY=value`. Corresponds to `vmcoreinfo_data`; null if it is not there.
    /// </summary>
    public string? VmCoreInfo
    {
        get
        {
            if (!Kernel.Profile.TryGetSymbol("vmcoreinfo_data", out var pointer) || !_reader.TryReadVa(pointer, out var text)
                || !Kernel.Profile.TryGetSymbol("vmcoreinfo_size", out var size) || !_reader.TryReadVa(size, out var length)
                || length.Value is 0 or > Linux.VmCoreInfo.MaxLength)
                return null;
            var bytes = new byte[length.Value];
            return _reader.TryRead(text, bytes) ? GuestText.Decode(bytes) : null;
        }
    }

    /// <summary>The kernel's log, oldest record first, so much of it as was not overwritten.</summary>
    /// <exception cref="Symbols.ProfileException">The kernel has none in this form, which came with 5.10.</exception>
    public IVmiList<LinuxLogRecord> Log() => LogReader.Read(_reader);

    private string? UtsName(string field)
    {
        var place = Kernel.Profile.Field("uts_namespace", "name." + field);
        Span<byte> bytes = stackalloc byte[(int)Math.Min(place.Size, 256)];
        return _reader.TryRead(_reader.Symbol("init_uts_ns") + place.Offset, bytes)
            ? GuestText.Decode(GuestText.Terminated(bytes))
            : null;
    }
}
