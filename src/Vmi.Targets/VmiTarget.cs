using System.Buffers;
using Vmi.Dumps;
using Vmi.Qemu;

namespace Vmi.Targets;

/// <summary>A virtual machine, opened by one string: a memory file or a running VM, with the core to read it.</summary>
public sealed class VmiTarget : IDisposable
{
    private const string RawScheme = "raw:";
    private const string QemuScheme = "qemu:";
    private const string LibvirtScheme = "libvirt:";

    private static readonly SearchValues<char> SchemeCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-");

    private VmiTarget(string name, IVmiDriver driver, VmiCoreOptions options)
    {
        Name = name;
        Driver = driver;
        Core = new VmiCore(driver, options);
    }

    /// <summary>The forms of the string that <see cref="Open"/> takes, for messages.</summary>
    public static string Forms => "a memory file's path, raw:PATH for a raw image whatever it begins with, qemu:/path/to/qmp.sock, "
        + "qemu:pid=N, qemu:name=NAME or libvirt:NAME";

    /// <summary>The string it was opened by.</summary>
    public string Name { get; }

    /// <summary>Where the VM is.</summary>
    public IVmiDriver Driver { get; }

    /// <summary>What reads it.</summary>
    public VmiCore Core { get; }

    /// <summary>
    /// Opens a memory file or attaches to a running VM, which is not changed and goes on running. A file whose name begins like one of
    /// the other forms is given with its folder: `./qemu:1`.
    /// </summary>
    /// <param name="target">
    /// The path of a memory file, `qemu:/path/to/qmp.sock`, `qemu:pid=N`, `qemu:name=NAME`, or `libvirt:NAME`. `raw:PATH` is a raw
    /// image: the guest, whose memory it is, can make its first bytes look like another format, which a path alone is then taken for.
    /// </param>
    /// <param name="options">Bounds, caches and timeouts; the defaults if null.</param>
    /// <exception cref="VmiDriverException">The text has none of these forms, or what it names can't be opened.</exception>
    /// <exception cref="VmiFormatException">The file is no memory file that can be read.</exception>
    public static VmiTarget Open(string target, VmiTargetOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(target);
        options ??= VmiTargetOptions.Default;
        return new VmiTarget(target, OpenDriver(target, options), options.Core);
    }

    /// <summary>The virtual machines that run on this host, as far as their processes can be seen. Nothing is asked of them.</summary>
    public static IReadOnlyList<RunningVm> List() => [.. QemuProcess.List().Select(RunningVm.Of)];

    /// <summary>Ends its use: a VM that was paused through it is resumed, its connection or file closed.</summary>
    public void Dispose()
    {
        Core.Dispose();
        Driver.Dispose();
    }

    private static IVmiDriver OpenDriver(string target, VmiTargetOptions options)
    {
        if (target.StartsWith(RawScheme, StringComparison.Ordinal) && target.Length > RawScheme.Length)
            return RawDriver.Open(target[RawScheme.Length..]);
        if (target.StartsWith(QemuScheme, StringComparison.Ordinal))
            return QemuDriver.Open(QemuTarget.Parse(target[QemuScheme.Length..]), options.Qemu);
        if (target.StartsWith(LibvirtScheme, StringComparison.Ordinal))
            return QemuDriver.Open(QemuTarget.Parse(target), options.Qemu);
        if (target.Length == 0)
            throw new VmiDriverException($"The target is empty: give {Forms}.");
        if (SchemeOf(target) is { } scheme && !File.Exists(target))
            throw new VmiDriverException($"`{scheme}:` is no kind of target: give {Forms}.");
        return MemoryFile.Open(target, options.Core.Limits);
    }

    /// <summary>What stands before the colon, if that looks like the name of a kind of target and not like a path.</summary>
    private static string? SchemeOf(string target)
    {
        var colon = target.IndexOf(':');
        return colon > 0 && target.AsSpan(0, colon).IndexOfAnyExcept(SchemeCharacters) < 0 ? target[..colon] : null;
    }
}
