namespace Vmi;

/// <summary>One pass over memory, in pieces as large as the source has them: mapped where it maps, else copied.</summary>
internal sealed class MemoryPass(IVmiRead reader, Action<MemoryProgress>? report, CancellationToken cancellation)
{
    private const int PieceLength = 1 << 20;

    private byte[]? _copy;

    /// <summary>Takes a piece; pieces with neighbouring addresses continue each other. False if it has enough.</summary>
    public delegate bool Piece(ulong address, ReadOnlySpan<byte> bytes);

    /// <summary>Why not all was passed; null if it was, or if there was enough.</summary>
    public string? Incomplete { get; private set; }

    /// <summary>Passes over runs; what of them is not there is left out.</summary>
    /// <param name="runs">The addresses that pieces are given with, and where they lie.</param>
    /// <param name="total">Bytes in all runs.</param>
    /// <param name="take">What takes the pieces.</param>
    public void Run(IEnumerable<(ulong Address, Pa Pa, ulong Length)> runs, ulong total, Piece take)
    {
        var done = 0UL;
        foreach (var (address, pa, length) in runs)
        {
            for (var offset = 0UL; offset < length;)
            {
                if (cancellation.IsCancellationRequested)
                {
                    Incomplete = $"it was interrupted at 0x{address + offset:x}";
                    return;
                }

                var wanted = (int)Math.Min(PieceLength, length - offset);
                var piece = Read(pa + offset, wanted, out var passed);
                var goesOn = piece.IsEmpty || take(address + offset, piece);
                GC.KeepAlive(reader);
                if (!goesOn)
                    return;
                offset += (ulong)passed;
                done += (ulong)passed;
                report?.Invoke(new MemoryProgress(done, total));
            }
        }
    }

    private ReadOnlySpan<byte> Read(Pa pa, int length, out int passed)
    {
        passed = length;
        if (reader.TryGetSpan(pa, length, out var span))
            return span;
        _copy ??= GC.AllocateUninitializedArray<byte>(PieceLength);
        var read = reader.Read(pa, _copy.AsSpan(0, length));
        if (read < length)
        {
            // What is missing ends a read: the pass goes on with the next frame.
            Incomplete ??= $"physical address {pa + (ulong)read} is not in this memory";
            passed = Math.Min(length, read + Frame.Size - (pa + (ulong)read).FrameOffset);
        }

        return _copy.AsSpan(0, read);
    }
}
