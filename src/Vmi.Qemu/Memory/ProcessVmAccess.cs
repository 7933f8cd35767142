using System.Buffers;
using System.Runtime.InteropServices;

namespace Vmi.Qemu;

/// <summary>The memory of a process through `process_vm_readv` and `process_vm_writev`: many parts in one call.</summary>
internal sealed unsafe class ProcessVmAccess(HostProcess process) : HostAccess
{
    public override string Name => "process_vm_readv";

    public override int Read(ulong address, Span<byte> destination) => Transfer(address, destination, write: false);

    public override int Write(ulong address, ReadOnlySpan<byte> source) =>
        Transfer(address, MemoryMarshal.CreateSpan(ref MemoryMarshal.GetReference(source), source.Length), write: true);

    public override void ReadMany(Span<HostRead> reads)
    {
        while (reads.Length > 0)
        {
            var batch = reads[..Math.Min(reads.Length, Native.IovMax)];
            var complete = ReadBatch(batch);
            // The kernel stops at the first part that fails: that one is read again by itself, which tells how far it goes.
            if (complete < batch.Length)
            {
                batch[complete].BytesRead = Read(batch[complete].Address, batch[complete].Destination.Span);
                complete++;
            }
            reads = reads[complete..];
        }
    }

    /// <summary>Reads at most <see cref="Native.IovMax"/> parts in one call; returns how many were read whole.</summary>
    private int ReadBatch(Span<HostRead> reads)
    {
        var local = stackalloc Native.IoVector[reads.Length];
        var remote = stackalloc Native.IoVector[reads.Length];
        var pins = ArrayPool<MemoryHandle>.Shared.Rent(reads.Length);
        var pinned = 0;
        try
        {
            for (; pinned < reads.Length; pinned++)
            {
                var length = (nuint)reads[pinned].Destination.Length;
                pins[pinned] = reads[pinned].Destination.Pin();
                local[pinned] = new() { Base = (nuint)pins[pinned].Pointer, Length = length };
                remote[pinned] = new() { Base = (nuint)reads[pinned].Address, Length = length };
            }
            var count = Call(local, remote, reads.Length, write: false);
            var complete = 0;
            for (; complete < reads.Length && reads[complete].Destination.Length <= count; complete++)
            {
                reads[complete].BytesRead = reads[complete].Destination.Length;
                count -= reads[complete].BytesRead;
            }
            return complete;
        }
        finally
        {
            for (var i = 0; i < pinned; i++)
                pins[i].Dispose();
            ArrayPool<MemoryHandle>.Shared.Return(pins, clearArray: true);
        }
    }

    /// <summary>Moves bytes; where the whole is not there, page by page up to the first that is missing.</summary>
    private int Transfer(ulong address, Span<byte> buffer, bool write)
    {
        if (buffer.IsEmpty)
            return 0;
        fixed (byte* start = buffer)
        {
            var done = 0;
            while (done < buffer.Length)
            {
                var rest = buffer.Length - done;
                var count = (int)CallOne(start + done, address + (ulong)done, rest, write);
                if (count <= 0)
                {
                    var page = Frame.Size - (int)((address + (ulong)done) % Frame.Size);
                    if (rest <= page)
                        break;
                    count = (int)CallOne(start + done, address + (ulong)done, page, write);
                    if (count <= 0)
                        break;
                }
                done += count;
            }
            return done;
        }
    }

    private nint CallOne(byte* local, ulong remote, int length, bool write)
    {
        var localVector = new Native.IoVector { Base = (nuint)local, Length = (nuint)length };
        var remoteVector = new Native.IoVector { Base = (nuint)remote, Length = (nuint)length };
        return Call(&localVector, &remoteVector, 1, write);
    }

    /// <summary>Returns the bytes moved; 0 if the first part is not mapped.</summary>
    private nint Call(Native.IoVector* local, Native.IoVector* remote, int parts, bool write)
    {
        var count = write
            ? Native.ProcessVmWrite(process.Pid, local, (nuint)parts, remote, (nuint)parts, 0)
            : Native.ProcessVmRead(process.Pid, local, (nuint)parts, remote, (nuint)parts, 0);
        var error = count < 0 ? Marshal.GetLastPInvokeError() : 0;
        // Asked after the call: only then the bytes are surely those of our process, not of a later one with its pid.
        if (error == Native.Esrch || !process.IsAlive)
            throw Gone(process.Pid);
        return error switch
        {
            0 => count,
            Native.Efault => 0,
            Native.Eperm or Native.Eacces => throw NoRight(process.Pid),
            _ => throw new VmiDriverException($"{Name} of QEMU (pid {process.Pid}) failed: errno {error}."),
        };
    }
}
