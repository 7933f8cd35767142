namespace Vmi.Linux;

/// <summary>
/// Reads the kernel's log (kernel/printk/printk_ringbuffer.c): a ring of descriptors, one a record, that point into a ring of text.
/// A record counts only if its descriptor, and the block of its text, carry its number: else it was overwritten, or never finished.
/// </summary>
internal sealed class LogReader
{
    // The upper two bits of a descriptor's state are its state, the others its number.
    private const int StateShift = 62;
    private const ulong NumberMask = (1UL << StateShift) - 1;
    private const ulong Committed = 1;
    private const ulong Finalized = 2;

    // The largest log that a kernel makes has 2 GiB.
    private const int LargestCountBits = 31;
    private const int LargestSizeBits = 31;

    private readonly KernelReader _kernel;
    private readonly Va _descriptors;
    private readonly Va _infos;
    private readonly Va _data;
    private readonly ulong _count;
    private readonly ulong _size;
    private readonly ulong _head;
    private readonly ulong _tail;

    private LogReader(KernelReader kernel, StructReader ring)
    {
        var layout = kernel.Layouts.Printk;
        _kernel = kernel;
        _descriptors = ring.ReadVa(layout.Descriptors);
        _infos = ring.ReadVa(layout.Infos);
        _data = ring.ReadVa(layout.Data);
        _count = PowerOfTwo(ring.Read(layout.CountBits), LargestCountBits);
        _size = PowerOfTwo(ring.Read(layout.SizeBits), LargestSizeBits);
        _head = ring.Read(layout.HeadId) & NumberMask;
        _tail = ring.Read(layout.TailId) & NumberMask;
    }

    public static VmiList<LinuxLogRecord> Read(KernelReader kernel)
    {
        using var operation = kernel.Memory.BeginOperation();
        if (!kernel.TryReadVa(kernel.Symbol("prb"), out var address)
            || !kernel.TryReadStruct(address, kernel.Layouts.Printk, out var ring))
            return new VmiList<LinuxLogRecord>([], "the printk_ringbuffer is not there");
        return new LogReader(kernel, ring).Records();
    }

    private static ulong PowerOfTwo(ulong bits, int largest) => bits <= (ulong)largest ? 1UL << (int)bits : 0;

    private VmiList<LinuxLogRecord> Records()
    {
        if (_count == 0 || _size == 0 || ((_head - _tail) & NumberMask) >= _count)
            return new VmiList<LinuxLogRecord>([], "the printk_ringbuffer makes no sense");

        var records = new List<LinuxLogRecord>();
        var missing = new Shortfall();
        var left = _kernel.Limits.ListEntries;
        for (var number = _tail; ; number = (number + 1) & NumberMask)
        {
            if (left-- == 0)
            {
                missing.Add($"the log has more than {_kernel.Limits.ListEntries} records");
                break;
            }

            var record = TryRead(number, out var reason);
            missing.Add(reason);
            if (record is not null)
                records.Add(record);
            if (number == _head)
                break;
        }

        return new VmiList<LinuxLogRecord>(records, missing.ToString());
    }

    /// <summary>One record; null, with or without a reason, if there is none.</summary>
    private LinuxLogRecord? TryRead(ulong number, out string? reason)
    {
        var (layout, infoLayout) = (_kernel.Layouts.PrintkDescriptor, _kernel.Layouts.PrintkInfo);
        var index = number & (_count - 1);
        var at = _descriptors + index * _kernel.Layouts.Printk.DescriptorSize;
        reason = null;
        if (!_kernel.TryReadStruct(at, layout, out var descriptor)
            || !_kernel.TryReadStruct(_infos + index * _kernel.Layouts.Printk.InfoSize, infoLayout, out var info))
        {
            reason = $"record {number:x} of the log is not there";
            return null;
        }

        var state = descriptor.Read(layout.State);
        if ((state & NumberMask) != number)
            reason = $"record {number:x} of the log was overwritten";
        if (reason is not null || state >> StateShift is not (Committed or Finalized))
            return null;

        var text = TextOf(number, descriptor.Read(layout.Begin), descriptor.Read(layout.Next), info.Read(infoLayout.TextLength));
        // On a running guest the record may have been overwritten meanwhile.
        if (!_kernel.TryReadVa(at + layout.State.Offset, out var after) || (after.Value & NumberMask) != number)
            text = null;
        if (text is null)
        {
            reason = $"the text of record {info.Read(infoLayout.Sequence)} of the log was overwritten";
            return null;
        }

        return new LinuxLogRecord(
            info.Read(infoLayout.Sequence), info.Read(infoLayout.Timestamp), (int)info.Read(infoLayout.Level),
            (int)info.Read(infoLayout.Facility), (uint)info.Read(infoLayout.Caller), text);
    }

    /// <summary>The text between two logical positions, which count on and on: modulo the ring's size they are places in it.</summary>
    private byte[]? TextOf(ulong number, ulong begin, ulong next, ulong length)
    {
        // Positions with bit 0 set mean a record without text.
        if ((begin & 1) != 0 && (next & 1) != 0)
            return [];

        var (start, end) = (begin & (_size - 1), next & (_size - 1));
        if (begin / _size != next / _size && end != 0)
            // A block that would not fit at the ring's end begins anew at its start.
            start = 0;
        else if (end == 0)
            end = _size;
        if (end < start || end - start < sizeof(ulong)
            || !_kernel.TryReadVa(_data + start, out var owner) || owner.Value != number)
            return null;

        var text = new byte[Math.Min(Math.Min(length, end - start - sizeof(ulong)), (ulong)_kernel.Limits.StringBytes)];
        return _kernel.TryRead(_data + start + sizeof(ulong), text) ? text : null;
    }
}
