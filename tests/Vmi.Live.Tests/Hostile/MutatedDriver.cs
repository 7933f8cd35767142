using System.Buffers.Binary;

namespace Vmi.Live.Tests;

/// <summary>A memory file in which some words are others than in the file. Remembers which frames were read.</summary>
internal sealed class MutatedDriver(IVmiRead file) : IVmiRead
{
    private readonly Dictionary<ulong, ulong> _words = [];
    private readonly HashSet<Gfn> _changed = [];

    public string Name => $"mutated {file.Name}";

    public Architecture Architecture => file.Architecture;

    public bool IsLive => false;

    public VmiInfo Info => file.Info;

    public IReadOnlyList<PhysicalRange> MemoryMap => file.MemoryMap;

    /// <summary>The frames read since the last <see cref="Restore"/>.</summary>
    public HashSet<Gfn> Visited { get; } = [];

    /// <summary>Changes the 8 bytes at an address that is a multiple of 8.</summary>
    public void Change(Pa address, ulong value)
    {
        _words[address.Value] = value;
        _changed.Add(address.Gfn);
    }

    /// <summary>Memory is as in the file again.</summary>
    public void Restore()
    {
        _words.Clear();
        _changed.Clear();
        Visited.Clear();
    }

    public int Read(Pa address, Span<byte> destination)
    {
        var count = file.Read(address, destination);
        for (var at = address.Value & ~(ulong)(Frame.Size - 1); at < address.Value + (ulong)count; at += Frame.Size)
        {
            Visited.Add(new Pa(at).Gfn);
            if (_changed.Contains(new Pa(at).Gfn))
                Patch(at, address, destination[..count]);
        }

        return count;
    }

    /// <summary>The file is the caller's.</summary>
    public void Dispose()
    {
    }

    private void Patch(ulong frame, Pa address, Span<byte> bytes)
    {
        Span<byte> word = stackalloc byte[8];
        for (var at = frame; at < frame + Frame.Size; at += 8)
        {
            if (!_words.TryGetValue(at, out var value))
                continue;
            BinaryPrimitives.WriteUInt64LittleEndian(word, value);
            for (var i = 0; i < word.Length; i++)
                if (at + (ulong)i - address.Value < (ulong)bytes.Length)
                    bytes[(int)(at + (ulong)i - address.Value)] = word[i];
        }
    }
}
