namespace Vmi.Dumps;

/// <summary>A piece of a file that can be unpacked by itself.</summary>
/// <param name="Start">Where its bytes are in the content, once unpacked.</param>
/// <param name="Length">Its bytes, unpacked.</param>
/// <param name="Offset">Where it is in the file.</param>
/// <param name="StoredLength">Its bytes in the file.</param>
/// <param name="Compression">How it is compressed.</param>
internal readonly record struct PackedBlock(long Start, int Length, long Offset, int StoredLength, Compression Compression)
{
    /// <summary>The heap that one block of a table takes.</summary>
    public const int HeapBytes = 32;
}
