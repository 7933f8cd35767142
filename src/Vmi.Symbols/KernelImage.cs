namespace Vmi.Symbols;

/// <summary>
/// The range of virtual memory that holds a kernel's image, from `_text` to `_end` or a part of it, and a way to read it. Pages may
/// be missing: a kernel frees its init sections after boot.
/// </summary>
public sealed class KernelImage
{
    /// <summary>More than any kernel image takes: AMD64 gives it 1 GiB (`KERNEL_IMAGE_SIZE`).</summary>
    public const ulong MaxLength = 1UL << 30;

    private const int BlockLength = 1 << 20;

    private readonly KernelImageReader _read;

    /// <summary>An image read through a function.</summary>
    /// <param name="start">Its first byte.</param>
    /// <param name="length">Bytes, 1 to <see cref="MaxLength"/>.</param>
    /// <param name="read">Reads it.</param>
    public KernelImage(Va start, ulong length, KernelImageReader read)
    {
        ArgumentOutOfRangeException.ThrowIfZero(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Math.Min(MaxLength, unchecked(0 - start.Value) - 1));
        ArgumentNullException.ThrowIfNull(read);
        Start = start;
        Length = length;
        _read = read;
    }

    /// <summary>An image that is in this process's memory.</summary>
    /// <param name="start">The virtual address of its first byte.</param>
    /// <param name="bytes">The image.</param>
    public KernelImage(Va start, ReadOnlyMemory<byte> bytes) : this(start, (ulong)bytes.Length, (address, destination) =>
    {
        var rest = bytes.Span[(int)(address - start)..];
        var count = Math.Min(rest.Length, destination.Length);
        rest[..count].CopyTo(destination);
        return count;
    })
    {
    }

    /// <summary>The first byte.</summary>
    public Va Start { get; }

    /// <summary>Bytes.</summary>
    public ulong Length { get; }

    /// <summary>
    /// Ends what searches the image, with <see cref="OperationCanceledException"/>: a forged one can make a search long.
    /// </summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>The first byte after the image.</summary>
    public Va End => Start + Length;

    /// <summary>Whether the image holds all of a range.</summary>
    public bool Contains(Va address, ulong length) =>
        address >= Start && address - Start <= Length && length <= Length - (address - Start);

    /// <summary>Reads a range; false if it reaches beyond the image or a page is missing.</summary>
    public bool TryRead(Va address, Span<byte> destination) =>
        Contains(address, (ulong)destination.Length) && Read(address, destination) == destination.Length;

    /// <summary>Reads a range; null if it reaches beyond the image, a page is missing, or it is larger than allowed.</summary>
    internal byte[]? TryRead(Va address, ulong length, int maxLength)
    {
        if (length > (ulong)maxLength || !Contains(address, length))
            return null;
        var bytes = GC.AllocateUninitializedArray<byte>((int)length);
        return TryRead(address, bytes) ? bytes : null;
    }

    /// <summary>Reads a range within the image; missing pages are zeros.</summary>
    internal void ReadZeroFilled(Va address, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            var count = Read(address, destination);
            if (count == 0)
            {
                count = Math.Min(destination.Length, Frame.Size - (int)(address.Value % Frame.Size));
                destination[..count].Clear();
            }

            destination = destination[count..];
            address += (ulong)count;
        }
    }

    /// <summary>
    /// The whole image in blocks of 1 MiB, each with the first bytes of the next one behind it, so that what crosses a border is
    /// seen whole once. The block is overwritten by the next one; missing pages are zeros.
    /// </summary>
    internal IEnumerable<(Va Address, ReadOnlyMemory<byte> Block)> Blocks(int overlap)
    {
        var buffer = new byte[(int)Math.Min(Length, (ulong)(BlockLength + overlap))];
        for (ulong at = 0; at < Length; at += BlockLength)
        {
            var block = buffer.AsMemory(0, (int)Math.Min(Length - at, (ulong)buffer.Length));
            ReadZeroFilled(Start + at, block.Span);
            yield return (Start + at, block);
        }
    }

    /// <summary>What the reader says, but never more than asked for.</summary>
    private int Read(Va address, Span<byte> destination)
    {
        Cancellation.ThrowIfCancellationRequested();
        return Math.Clamp(_read(address, destination), 0, destination.Length);
    }
}
