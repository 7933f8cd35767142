using System.Buffers;
using Vmi.Dumps;
using Vmi.Qemu;
using Vmi.Xen;

namespace Vmi.Targets;

/// <summary>A virtual machine, opened by one string: a memory file or a running VM, with the core to read it.</summary>
public sealed class VmiTarget : IDisposable
{
    private const string RawScheme = "raw:";
    private const string QemuScheme = "qemu:";
    private const string LibvirtScheme = "libvirt:";
    private const string XenScheme = "xen:";

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
        + "qemu:pid=N, qemu:name=NAME, libvirt:NAME, xen:DOMID or xen:NAME";

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
    /// The path of a memory file, `qemu:/path/to/qmp.sock`, `qemu:pid=N`, `qemu:name=NAME`, `libvirt:NAME`, `xen:DOMID` or
    /// `xen:NAME`. `raw:PATH` is a raw image: the guest, whose memory it is, can make its first bytes look like another format, which a
    /// path alone is then taken for.
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
    public static IReadOnlyList<RunningVm> List() => [.. QemuProcess.List().Select(RunningVm.Of), .. XenDomains().Select(RunningVm.Of)];

    /// <summary>
    /// Watches a process that has set up events in a VM, for a program that drivers start as their watchdog (`vmi watchdog`): waits until
    /// its input ends, and unless the process took leave there, undoes what it left in the VM.
    /// </summary>
    /// <param name="target">The program's last argument: `xen:DOMID`, else what <see cref="QemuTarget.Parse"/> takes.</param>
    /// <param name="input">Its input.</param>
    /// <exception cref="VmiDriverException">The VM can't be reached any more.</exception>
    public static void Watch(string target, TextReader input)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (target.StartsWith(XenScheme, StringComparison.Ordinal))
            XenDriver.Watch(XenTarget.Parse(target[XenScheme.Length..]), input);
        else
            QemuDriver.Watch(QemuTarget.Parse(target), input);
    }

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
        if (target.StartsWith(XenScheme, StringComparison.Ordinal))
            return XenDriver.Open(XenTarget.Parse(target[XenScheme.Length..]), options.Xen);
        if (target.Length == 0)
            throw new VmiDriverException($"The target is empty: give {Forms}.");
        if (SchemeOf(target) is { } scheme && !File.Exists(target))
            throw new VmiDriverException($"`{scheme}:` is no kind of target: give {Forms}.");
        return MemoryFile.Open(target, options.Core.Limits, options.Progress);
    }

    private static IReadOnlyList<XenDomainEntry> XenDomains()
    {
        try
        {
            return XenDomainList.IsDom0 ? XenDomainList.Read() : [];
        }
        catch (VmiDriverException)
        {
            // Without the right to ask there are none to be seen.
            return [];
        }
    }

    /// <summary>What stands before the colon, if that looks like the name of a kind of target and not like a path.</summary>
    private static string? SchemeOf(string target)
    {
        var colon = target.IndexOf(':');
        return colon > 0 && target.AsSpan(0, colon).IndexOfAnyExcept(SchemeCharacters) < 0 ? target[..colon] : null;
    }
}
