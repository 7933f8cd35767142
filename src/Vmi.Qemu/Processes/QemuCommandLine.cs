using System.Globalization;

namespace Vmi.Qemu;

/// <summary>What a QEMU's command line tells about its VM. Values are lists `first,key=value,…` in which `,,` is a comma.</summary>
internal sealed class QemuCommandLine
{
    private readonly Dictionary<string, string> _sockets = [];
    private readonly List<(string Device, QemuMonitorKind Kind)> _byChardev = [];

    private QemuCommandLine()
    {
    }

    public string? Name { get; private set; }

    public string? Uuid { get; private set; }

    public string? Machine { get; private set; }

    public ulong? MemoryBytes { get; private set; }

    public string Accelerator { get; private set; } = "tcg";

    /// <summary>The monitors, their paths as QEMU sees them.</summary>
    public List<QemuMonitorSocket> Monitors { get; } = [];

    /// <summary>Takes the arguments apart, the program first.</summary>
    public static QemuCommandLine Parse(IReadOnlyList<string> arguments)
    {
        var line = new QemuCommandLine();
        for (var i = 1; i < arguments.Count; i++)
        {
            if (!arguments[i].StartsWith('-'))
                continue;
            var option = arguments[i].TrimStart('-');
            var value = i + 1 < arguments.Count ? arguments[i + 1] : "";
            if (line.Take(option, value))
                i++;
        }
        foreach (var (device, kind) in line._byChardev)
            line.Monitors.Add(new QemuMonitorSocket(kind, line._sockets.GetValueOrDefault(device), $"chardev:{device}"));
        return line;
    }

    /// <summary>Splits a value at its commas: the keys, and "" for the first part if it has none.</summary>
    internal static Dictionary<string, string> Split(string value)
    {
        var parts = new Dictionary<string, string>();
        var position = 0;
        while (position < value.Length)
        {
            var part = TakePart(value, ref position);
            var equals = part.IndexOf('=');
            if (equals >= 0)
                parts[part[..equals]] = part[(equals + 1)..];
            else
                parts.TryAdd(parts.Count == 0 ? "" : part, parts.Count == 0 ? part : "on");
        }
        return parts;
    }

    /// <summary>A size with QEMU's suffixes, MiB without one; null if it is none.</summary>
    internal static ulong? Size(string text)
    {
        var digits = text.AsSpan().TrimEnd("bBkKmMgGtTpPeE");
        if (!double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            return null;
        var shift = text.Length == digits.Length ? 20 : char.ToUpperInvariant(text[digits.Length]) switch
        {
            'B' => 0,
            'K' => 10,
            'M' => 20,
            'G' => 30,
            'T' => 40,
            'P' => 50,
            _ => 60,
        };
        var bytes = Math.ScaleB(number, shift);
        return bytes is >= 0 and < ulong.MaxValue ? (ulong)bytes : null;
    }

    private static string TakePart(string value, ref int position)
    {
        var start = position;
        while (position < value.Length)
        {
            if (value[position] == ',')
            {
                if (position + 1 == value.Length || value[position + 1] != ',')
                    break;
                position++;
            }
            position++;
        }
        var part = value[start..position].Replace(",,", ",", StringComparison.Ordinal);
        position++;
        return part;
    }

    /// <summary>Takes an option in; returns whether its value belongs to it.</summary>
    private bool Take(string option, string value)
    {
        switch (option)
        {
            case "name":
                var name = Split(value);
                Name = name.GetValueOrDefault("guest") ?? name.GetValueOrDefault("") ?? Name;
                return true;
            case "uuid":
                Uuid = value;
                return true;
            case "machine" or "M":
                var machine = Split(value);
                Machine = machine.GetValueOrDefault("type") ?? machine.GetValueOrDefault("") ?? Machine;
                // Several may be named, "kvm:tcg": the first that works is used.
                Accelerator = machine.GetValueOrDefault("accel")?.Split(':')[0] ?? Accelerator;
                return true;
            case "accel":
                var accelerator = Split(value);
                Accelerator = (accelerator.GetValueOrDefault("accel") ?? accelerator.GetValueOrDefault("") ?? Accelerator).Split(':')[0];
                return true;
            case "enable-kvm":
                Accelerator = "kvm";
                return false;
            case "m":
                var memory = Split(value);
                MemoryBytes = Size(memory.GetValueOrDefault("size") ?? memory.GetValueOrDefault("") ?? "") ?? MemoryBytes;
                return true;
            case "chardev":
                TakeChardev(Split(value));
                return true;
            case "mon":
                var monitor = Split(value);
                var kind = monitor.GetValueOrDefault("mode") == "control" ? QemuMonitorKind.Qmp : QemuMonitorKind.Human;
                _byChardev.Add((monitor.GetValueOrDefault("chardev") ?? monitor.GetValueOrDefault("") ?? "", kind));
                return true;
            case "qmp" or "qmp-pretty":
                TakeMonitor(value, QemuMonitorKind.Qmp);
                return true;
            case "monitor":
                TakeMonitor(value, QemuMonitorKind.Human);
                return true;
            default:
                return false;
        }
    }

    private void TakeMonitor(string device, QemuMonitorKind kind)
    {
        const string Chardev = "chardev:";
        const string Unix = "unix:";
        if (device == "none")
            return;
        if (device.StartsWith(Chardev, StringComparison.Ordinal))
            _byChardev.Add((device[Chardev.Length..], kind));
        else
            Monitors.Add(new QemuMonitorSocket(
                kind, device.StartsWith(Unix, StringComparison.Ordinal) ? SocketPath(Split("path=" + device[Unix.Length..])) : null, device));
    }

    private void TakeChardev(Dictionary<string, string> parts)
    {
        if (parts.GetValueOrDefault("") == "socket" && parts.TryGetValue("id", out var id) && SocketPath(parts) is { } path)
            _sockets[id] = path;
    }

    private static string? SocketPath(Dictionary<string, string> parts) =>
        !parts.TryGetValue("path", out var path) || path.Length == 0 ? null
        : parts.GetValueOrDefault("abstract") == "on" ? "@" + path
        : path;
}
