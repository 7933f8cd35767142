using System.Buffers.Binary;

namespace Vmi.Dumps;

/// <summary>Reads the big-endian numbers and names of QEMU's migration stream one after the other.</summary>
/// <param name="file">The file.</param>
/// <param name="position">Where to begin.</param>
internal sealed class StreamCursor(FileContent file, long position)
{
    // Small: between two pages of 4 KiB, which are skipped, stand 8 bytes.
    private readonly byte[] _buffer = new byte[256];
    private long _bufferStart;
    private int _bufferLength;

    /// <summary>Where the next byte is.</summary>
    public long Position { get; private set; } = position;

    public byte ReadByte() => Take(1)[0];

    /// <summary>The next byte, which stays the next one.</summary>
    public byte PeekByte()
    {
        var next = ReadByte();
        Position--;
        return next;
    }

    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16BigEndian(Take(2));

    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32BigEndian(Take(4));

    public ulong ReadUInt64() => BinaryPrimitives.ReadUInt64BigEndian(Take(8));

    /// <summary>A name behind a byte that says its length. What is not printable ASCII is shown as `?`.</summary>
    public string ReadName() => ReadText(ReadByte());

    /// <summary>A text of some bytes, at most 255.</summary>
    public string ReadText(int length) => ShownText.Of(Take(length));

    /// <summary>Goes on, over bytes that must be in the file.</summary>
    public void Skip(long bytes)
    {
        if (bytes < 0 || bytes > file.Length - Position)
            throw Truncated();
        Position += bytes;
    }

    /// <summary>Goes on at another place.</summary>
    public void MoveTo(long position)
    {
        Position = 0;
        Skip(position);
    }

    /// <summary>An error of a stream that says something impossible before <see cref="Position"/>.</summary>
    public VmiFormatException Corrupt(string what) => new($"{file.Path} is corrupt: {what} before offset {Position}.");

    private ReadOnlySpan<byte> Take(int count)
    {
        if (Position < _bufferStart || Position + count > _bufferStart + _bufferLength)
        {
            _bufferStart = Position;
            _bufferLength = file.Read(Position, _buffer);
            if (_bufferLength < count)
                throw Truncated();
        }
        var at = (int)(Position - _bufferStart);
        Position += count;
        return _buffer.AsSpan(at, count);
    }

    private VmiFormatException Truncated() => new($"{file.Path} is truncated: the migration stream ends at offset {file.Length}.");
}
