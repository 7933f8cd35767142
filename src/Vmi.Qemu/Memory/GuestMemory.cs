using System.Buffers;
using System.Globalization;

namespace Vmi.Qemu;

/// <summary>Guest physical memory: mapped where QEMU shares it, else through the QEMU process.</summary>
internal sealed class GuestMemory : IDisposable
{
    private readonly IQemuMonitor _monitor;
    private readonly HostProcess _process;
    private readonly HostAccess _access;
    private readonly TouchedPages _touched;
    private readonly SharedMappings _mappings;
    private readonly string _whyThisAccess;
    private readonly bool _mapping;
    private volatile GuestLayout _layout;

    private GuestMemory(
        IQemuMonitor monitor, HostProcess process, SharedMappings mappings, GuestLayout layout, HostAccess access, string whyThisAccess, bool mapping)
    {
        _monitor = monitor;
        _process = process;
        _mappings = mappings;
        _layout = layout;
        _access = access;
        _whyThisAccess = whyThisAccess;
        _mapping = mapping;
        _touched = new TouchedPages(process.Pid);
    }

    /// <summary>The layout as last read.</summary>
    public GuestLayout Layout => _layout;

    /// <summary>Which ways are in use, and why not better ones.</summary>
    public string Source
    {
        get
        {
            var (mapped, copied) = (0ul, 0ul);
            foreach (var range in _layout.Ranges)
            {
                if (range.File is null)
                    copied += range.Length;
                else
                    mapped += range.Length;
            }
            var why = !_mapping ? "mapping was not asked for" : _mappings.Failure ?? "QEMU does not share it through a file";
            var copy = $"{_access.Name}{_whyThisAccess} of pid {_process.Pid}";
            if (mapped == 0)
                return $"{copy} ({why})";
            return copied == 0 ? $"shared mapping, {Size(mapped)}" : $"shared mapping, {Size(mapped)}; {copy}, {Size(copied)} ({why})";
        }
    }

    /// <summary>Reads the layout and chooses the best way that works.</summary>
    /// <exception cref="VmiDriverException">No way works; the message names the cure.</exception>
    public static GuestMemory Open(IQemuMonitor monitor, HostProcess process, QemuMemoryPaths paths, bool writableMapping)
    {
        var mapping = paths.HasFlag(QemuMemoryPaths.Mapping);
        var mappings = new SharedMappings(process, writableMapping);
        var layout = ReadLayout(monitor, process, mappings, mapping);
        var access = OpenAccess(process, paths, layout.Ranges[0].HostAddress, out var why);
        return new GuestMemory(monitor, process, mappings, layout, access, why, mapping);
    }

    /// <summary>Reads the layout anew.</summary>
    public void Refresh() => _layout = ReadLayout(_monitor, _process, _mappings, _mapping);

    public bool TryGetSpan(ulong address, int length, out ReadOnlySpan<byte> span)
    {
        if (length >= 0 && _layout.TryFind(address, out var range) && range.File is { } file
            && range.Clip(address, length) == length && !IsGone)
        {
            var offset = range.FileOffset + (long)(address - range.Start);
            if (file.IsPopulated(offset, length))
            {
                span = file.Mapping.Span(offset, length);
                return true;
            }
        }
        span = default;
        return false;
    }

    public int Read(ulong address, Span<byte> destination)
    {
        var layout = _layout;
        var done = 0;
        while (done < destination.Length && layout.TryFind(address, out var range))
        {
            var part = destination.Slice(done, range.Clip(address, destination.Length - done));
            var count = ReadPart(range, address, part);
            done += count;
            if (count < part.Length || address > ulong.MaxValue - (ulong)count)
                break;
            address += (ulong)count;
        }
        return done;
    }

    public void ReadMany(Span<PhysicalRead> reads)
    {
        var layout = _layout;
        var parts = ArrayPool<HostRead>.Shared.Rent(reads.Length);
        var owners = ArrayPool<int>.Shared.Rent(reads.Length);
        try
        {
            var count = 0;
            for (var i = 0; i < reads.Length; i++)
            {
                ref var read = ref reads[i];
                var address = read.Address.Value;
                var length = read.Destination.Length;
                if (length > 0 && layout.TryFind(address, out var range) && range.File is null && range.Clip(address, length) == length)
                {
                    owners[count] = i;
                    parts[count++] = new HostRead(range.HostAddress + (address - range.Start), read.Destination);
                }
                else
                {
                    read.BytesRead = Read(address, read.Destination.Span);
                }
            }
            _access.ReadMany(parts.AsSpan(0, count));
            for (var i = 0; i < count; i++)
                reads[owners[i]].BytesRead = parts[i].BytesRead;
        }
        finally
        {
            ArrayPool<HostRead>.Shared.Return(parts, clearArray: true);
            ArrayPool<int>.Shared.Return(owners);
        }
    }

    public VmiMappedPage? ReadPage(Gfn gfn)
    {
        if (gfn.Value > ulong.MaxValue >> Frame.Shift)
            return null;
        var address = gfn.Pa.Value;
        if (_layout.TryFind(address, out var range) && range.File is { } file && range.Clip(address, Frame.Size) == Frame.Size && !IsGone)
        {
            var offset = range.FileOffset + (long)(address - range.Start);
            if (file.IsPopulated(offset, Frame.Size))
                return file.Mapping.Page(gfn, offset);
        }
        var copy = new byte[Frame.Size];
        return Read(address, copy) == copy.Length ? new VmiMappedPage(gfn, copy) : null;
    }

    /// <summary>How many bytes from <paramref name="address"/> on are RAM, up to <paramref name="length"/>.</summary>
    public int Writable(ulong address, int length)
    {
        var layout = _layout;
        var count = 0;
        while (count < length && layout.TryFind(address, out var range) && range.Writable)
        {
            var part = range.Clip(address, length - count);
            count += part;
            if (address > ulong.MaxValue - (ulong)part)
                break;
            address += (ulong)part;
        }
        return count;
    }

    /// <summary>Writes to RAM straight in the host's memory and returns how much was written; only right where no translated code can be stale.</summary>
    public int Write(ulong address, ReadOnlySpan<byte> source)
    {
        var layout = _layout;
        var done = 0;
        while (done < source.Length && layout.TryFind(address, out var range) && range.Writable)
        {
            var part = source.Slice(done, range.Clip(address, source.Length - done));
            var count = WritePart(range, address, part);
            done += count;
            if (count < part.Length || address > ulong.MaxValue - (ulong)count)
                break;
            address += (ulong)count;
        }
        return done;
    }

    public void Dispose()
    {
        // The mappings are released when nothing refers to them any more.
        _access.Dispose();
        _touched.Dispose();
    }

    private bool IsGone => _monitor.Broken is not null && !_process.IsAlive;

    private static GuestLayout ReadLayout(IQemuMonitor monitor, HostProcess process, SharedMappings mappings, bool mapping) =>
        GuestLayout.Read(monitor, process, mapping ? mappings.Map : static (_, _) => null);

    private static HostAccess OpenAccess(HostProcess process, QemuMemoryPaths paths, ulong probe, out string why)
    {
        Span<byte> one = stackalloc byte[1];
        VmiDriverException? refused = null;
        why = "";
        if (paths.HasFlag(QemuMemoryPaths.ProcessVm))
        {
            try
            {
                var access = new ProcessVmAccess(process);
                access.Read(probe, one);
                return access;
            }
            catch (VmiDriverException error) when (process.IsAlive)
            {
                refused = error;
                why = " (process_vm_readv is refused)";
            }
        }
        ProcMemAccess? file = null;
        try
        {
            file = new ProcMemAccess(process);
            if (file.Read(probe, one) == 1)
                return file;
            file.Dispose();
        }
        catch (VmiDriverException error)
        {
            file?.Dispose();
            throw refused ?? error;
        }
        throw refused ?? HostAccess.NoRight(process.Pid);
    }

    private static string Size(ulong bytes) => bytes >= 1 << 20
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes >> 20} MiB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes >> 10} KiB");

    private int ReadPart(GuestRange range, ulong address, Span<byte> destination)
    {
        var offset = address - range.Start;
        if (range.File is not { } file)
        {
            return range.IsAnonymous && destination.Length >= TouchedPages.Worthwhile
                ? ReadTouched(range.HostAddress + offset, destination)
                : _access.Read(range.HostAddress + offset, destination);
        }

        if (IsGone)
            throw HostAccess.Gone(_process.Pid);
        file.Read(range.FileOffset + (long)offset, destination);
        return destination.Length;
    }

    private int ReadTouched(ulong address, Span<byte> destination)
    {
        var done = 0;
        while (done < destination.Length)
        {
            var part = destination.Slice(done, _touched.Run(address + (ulong)done, destination.Length - done, out var isTouched));
            var count = part.Length;
            if (isTouched)
                count = _access.Read(address + (ulong)done, part);
            else
                part.Clear();
            done += count;
            if (count < part.Length)
                break;
        }

        // Asked after the reading, as HostAccess does: of a process that has exited nothing is zero.
        return _process.IsAlive ? done : throw HostAccess.Gone(_process.Pid);
    }

    private int WritePart(GuestRange range, ulong address, ReadOnlySpan<byte> source)
    {
        var offset = address - range.Start;
        var fileOffset = range.FileOffset + (long)offset;
        if (range.File is not { } file || !_mappings.AreWritable || !file.IsPopulated(fileOffset, source.Length))
            return _access.Write(range.HostAddress + offset, source);
        source.CopyTo(file.Mapping.WritableSpan(fileOffset, source.Length));
        GC.KeepAlive(file);
        return source.Length;
    }
}
