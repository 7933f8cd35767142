using System.Globalization;

namespace Vmi.Qemu;

/// <summary>Which running QEMU is meant.</summary>
public sealed record QemuTarget
{
    private const string PidPrefix = "pid=";
    private const string NamePrefix = "name=";
    private const string LibvirtPrefix = "libvirt:";

    private QemuTarget(QemuTargetKind kind, string value)
    {
        Kind = kind;
        Value = value;
    }

    internal QemuTargetKind Kind { get; }

    internal string Value { get; }

    /// <summary>The one behind a QMP socket.</summary>
    /// <param name="path">The socket's path; one that begins with `@` is in the abstract namespace.</param>
    public static QemuTarget Socket(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new(QemuTargetKind.Socket, path);
    }

    /// <summary>A process; its monitor is found in its command line.</summary>
    public static QemuTarget Process(int pid)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(pid);
        return new(QemuTargetKind.Process, pid.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>The process that was started with this `-name`.</summary>
    public static QemuTarget Named(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new(QemuTargetKind.Name, name);
    }

    /// <summary>A domain of libvirt, reached with `virsh qemu-monitor-command`.</summary>
    public static QemuTarget Libvirt(string domain)
    {
        ArgumentException.ThrowIfNullOrEmpty(domain);
        return new(QemuTargetKind.Libvirt, domain);
    }

    /// <summary>Reads `pid=N`, `name=NAME`, `libvirt:NAME`, or else the path of a QMP socket.</summary>
    /// <exception cref="VmiDriverException">The text is none of these.</exception>
    public static QemuTarget Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.StartsWith(PidPrefix, StringComparison.Ordinal))
            return int.TryParse(text.AsSpan(PidPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && pid > 0
                ? Process(pid)
                : throw new VmiDriverException($"`{text}` names no process: write `pid=` and a number.");
        var rest = text.StartsWith(NamePrefix, StringComparison.Ordinal) ? text[NamePrefix.Length..]
            : text.StartsWith(LibvirtPrefix, StringComparison.Ordinal) ? text[LibvirtPrefix.Length..]
            : text;
        if (rest.Length == 0)
            throw new VmiDriverException($"`{text}` names no VM: give a QMP socket, `pid=N`, `name=NAME` or `libvirt:NAME`.");
        if (rest.Length == text.Length)
            return Socket(text);
        return text.StartsWith(NamePrefix, StringComparison.Ordinal) ? Named(rest) : Libvirt(rest);
    }

    /// <summary>The form that <see cref="Parse"/> reads.</summary>
    public override string ToString() => Kind switch
    {
        QemuTargetKind.Process => PidPrefix + Value,
        QemuTargetKind.Name => NamePrefix + Value,
        QemuTargetKind.Libvirt => LibvirtPrefix + Value,
        _ => Value,
    };
}
