using System.Buffers.Binary;

namespace Vmi.Live.Tests;

/// <summary>A copy of a vmcore in which bytes are changed, as somebody who changes a kernel would.</summary>
internal sealed class PatchedVmcore : IDisposable
{
    private const int LoadSegment = 1, HeaderSize = 56;

    private readonly List<(ulong Address, ulong Length, long Place)> _segments = [];
    private readonly List<(long Place, byte[] Bytes)> _before = [];
    private readonly FileStream _file;

    public PatchedVmcore(string source)
    {
        Path = $"{source}.patched";
        File.Copy(source, Path, overwrite: true);
        _file = File.Open(Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        var header = new byte[64];
        _file.ReadExactly(header);
        var headers = new byte[BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(56)) * HeaderSize];
        _file.Position = BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(32));
        _file.ReadExactly(headers);
        foreach (var segment in headers.Chunk(HeaderSize).Where(each => BinaryPrimitives.ReadUInt32LittleEndian(each) == LoadSegment))
        {
            _segments.Add((
                BinaryPrimitives.ReadUInt64LittleEndian(segment.AsSpan(24)), BinaryPrimitives.ReadUInt64LittleEndian(segment.AsSpan(32)),
                BinaryPrimitives.ReadInt64LittleEndian(segment.AsSpan(8))));
        }
    }

    public string Path { get; }

    /// <summary>Changes bytes of physical memory.</summary>
    public void Write(Pa address, ReadOnlySpan<byte> bytes)
    {
        var segment = _segments.Single(each => address.Value - each.Address < each.Length);
        var place = segment.Place + (long)(address.Value - segment.Address);
        var before = new byte[bytes.Length];
        _file.Position = place;
        _file.ReadExactly(before);
        _before.Add((place, before));
        _file.Position = place;
        _file.Write(bytes);
        _file.Flush();
    }

    /// <summary>What was changed so far stays.</summary>
    public void Keep() => _before.Clear();

    /// <summary>Undoes all changes.</summary>
    public void Restore()
    {
        foreach (var (place, bytes) in Enumerable.Reverse(_before))
        {
            _file.Position = place;
            _file.Write(bytes);
        }

        _file.Flush();
        _before.Clear();
    }

    public void Dispose()
    {
        _file.Dispose();
        File.Delete(Path);
    }
}
