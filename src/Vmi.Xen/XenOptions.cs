namespace Vmi.Xen;

/// <summary>How a domain is opened.</summary>
public sealed record XenOptions
{
    /// <summary>What is used where none are given.</summary>
    public static XenOptions Default { get; } = new();

    /// <summary>How many bytes of the domain's memory stay mapped for later reads, at most. 64 MiB if not set.</summary>
    public long MappedBytes { get; init; } = 64 << 20;

    /// <summary>
    /// The program, and its first arguments, that undoes what this process has changed in a domain when it dies without doing it itself
    /// (SIGKILL, a crash): `vmi watchdog`. It is started when the first monitor, right or view is asked for, with `xen:DOMID` as its last
    /// argument and a pipe as its input. Null for none: then the next that opens the domain undoes it.
    /// </summary>
    public IReadOnlyList<string>? WatchdogCommand { get; init; }

    /// <summary>Where it is noted what is changed, for whoever has to undo it. `/run/vmi` if not set.</summary>
    public string JournalDirectory { get; init; } = "/run/vmi";
}
