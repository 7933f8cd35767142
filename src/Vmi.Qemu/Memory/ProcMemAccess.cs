using Microsoft.Win32.SafeHandles;

namespace Vmi.Qemu;

/// <summary>The memory of a process through `/proc/PID/mem`, for where `process_vm_readv` is blocked (a container's seccomp filter).</summary>
internal sealed class ProcMemAccess : HostAccess
{
    private readonly HostProcess _process;
    private readonly SafeFileHandle _file;

    /// <exception cref="VmiDriverException">No right to the file.</exception>
    public ProcMemAccess(HostProcess process)
    {
        _process = process;
        try
        {
            _file = File.OpenHandle(
                ProcFiles.PathOf(process.Pid, "mem"), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (UnauthorizedAccessException)
        {
            throw NoRight(process.Pid);
        }
        catch (IOException error)
        {
            throw process.IsAlive ? new VmiDriverException($"{Name} can't be opened: {error.Message}", error) : Gone(process.Pid);
        }
    }

    public override string Name => ProcFiles.PathOf(_process.Pid, "mem");

    public override int Read(ulong address, Span<byte> destination)
    {
        var done = 0;
        while (done < destination.Length)
        {
            int count;
            try
            {
                count = RandomAccess.Read(_file, destination[done..], (long)(address + (ulong)done));
            }
            catch (IOException)
            {
                count = 0;
            }
            if (count <= 0)
                break;
            done += count;
        }
        // The open file belongs to the process for ever: of one that has exited there is nothing to read.
        if (done < destination.Length && !_process.IsAlive)
            throw Gone(_process.Pid);
        return done;
    }

    public override int Write(ulong address, ReadOnlySpan<byte> source)
    {
        // Page by page, since RandomAccess.Write does not tell how much of a failed write was done.
        var done = 0;
        while (done < source.Length)
        {
            var part = source.Slice(done, Math.Min(source.Length - done, Frame.Size - (int)((address + (ulong)done) % Frame.Size)));
            try
            {
                RandomAccess.Write(_file, part, (long)(address + (ulong)done));
            }
            catch (IOException)
            {
                break;
            }
            done += part.Length;
        }
        if (!_process.IsAlive)
            throw Gone(_process.Pid);
        return done;
    }

    public override void ReadMany(Span<HostRead> reads)
    {
        foreach (ref var read in reads)
            read.BytesRead = Read(read.Address, read.Destination.Span);
    }

    public override void Dispose() => _file.Dispose();
}
