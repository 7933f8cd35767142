using System.Buffers.Binary;

namespace Vmi.Linux;

/// <summary>Reads the namespaces of a task.</summary>
internal sealed class NamespaceReader(KernelReader kernel)
{
    private const int MostLevels = 33; // MAX_PID_NS_LEVEL, and the outermost

    public LinuxNamespaces Read(Va address)
    {
        var layout = kernel.Layouts.Namespace;
        var task = kernel.ReadStruct(address, layout);
        var proxy = task.ReadVa(layout.Proxy);
        var numbers = Numbers(task.ReadVa(layout.Pid));
        return new LinuxNamespaces
        {
            Cgroup = InProxy(layout.Cgroup),
            Ipc = InProxy(layout.Ipc),
            Mount = InProxy(layout.Mount),
            Network = InProxy(layout.Network),
            Pid = numbers.Count > 0 ? Number(numbers[^1].Namespace, layout.PidNumber) : null,
            PidForChildren = InProxy(layout.PidForChildren),
            Time = InProxy(layout.Time),
            TimeForChildren = InProxy(layout.TimeForChildren),
            User = kernel.TryReadVa(task.ReadVa(layout.Credentials) + layout.UserOfCredentials, out var user)
                ? Number(user, layout.UserNumber)
                : null,
            Uts = InProxy(layout.Uts),
            Pids = [.. numbers.Select(each => each.Number)],
            ControlGroup = ControlGroupReader.Read(kernel, address),
        };

        uint? InProxy((ulong Pointer, ulong Number)? place) =>
            place is var (pointer, number) && kernel.TryReadVa(proxy + pointer, out var found) ? Number(found, number) : null;
    }

    private uint? Number(Va place, ulong? offset) => offset is { } at && kernel.TryReadUInt32(place + at, out var number) ? number : null;

    /// <summary>Each `struct upid` of a `struct pid`.</summary>
    private List<(uint Number, Va Namespace)> Numbers(Va pid)
    {
        var layout = kernel.Layouts.Pid;
        var numbers = new List<(uint, Va)>();
        if (pid.IsNull || !kernel.TryReadStruct(pid, layout, out var head))
            return numbers;
        var bytes = new byte[layout.NumberSize];
        for (var level = 0UL; level <= head.Read(layout.Level) && level < MostLevels; level++)
        {
            if (!kernel.TryRead(pid + layout.Numbers + level * layout.NumberSize, bytes))
                return [];
            numbers.Add((
                BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan((int)layout.Value.Offset)),
                new Va(BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan((int)layout.Namespace.Offset)))));
        }

        return numbers;
    }
}
