namespace Vmi;

/// <summary>Finds a pattern in the pieces of a pass, also where it begins in one piece and ends in another.</summary>
internal sealed class PatternMatcher(BytePattern pattern, int most)
{
    private readonly List<ulong> _found = [];

    /// <summary>The end of what came before the next piece: as much as a match may have in it without having its last byte.</summary>
    private readonly byte[] _tail = new byte[pattern.Length - 1];

    /// <summary>The tail and the start of a piece, one behind the other.</summary>
    private readonly byte[] _seam = new byte[2 * (pattern.Length - 1)];

    private int _tailLength;
    private ulong _expected;
    private ulong _behindLast;

    /// <summary>The addresses of the matches, in the order of the pieces. A match begins behind the one before.</summary>
    public IReadOnlyList<ulong> Found => _found;

    /// <summary>Whether as many were found as may be.</summary>
    public bool HasEnough => _found.Count >= most;

    public bool Take(ulong address, ReadOnlySpan<byte> bytes)
    {
        if (address != _expected)
        {
            _tailLength = 0;
            _behindLast = address;
        }

        _expected = address + (ulong)bytes.Length;
        var start = bytes[..Math.Min(bytes.Length, _tail.Length)];
        var seam = _seam.AsSpan(0, _tailLength + start.Length);
        _tail.AsSpan(0, _tailLength).CopyTo(seam);
        start.CopyTo(seam[_tailLength..]);
        if (_tailLength > 0)
            Find(address - (ulong)_tailLength, seam);
        Find(address, bytes);

        var end = bytes.Length >= _tail.Length ? bytes[^_tail.Length..] : seam[^Math.Min(seam.Length, _tail.Length)..];
        end.CopyTo(_tail);
        _tailLength = end.Length;
        return !HasEnough;
    }

    private void Find(ulong address, ReadOnlySpan<byte> bytes)
    {
        var from = _behindLast > address ? (int)Math.Min(_behindLast - address, (ulong)bytes.Length) : 0;
        while (!HasEnough && pattern.IndexOf(bytes[from..]) is >= 0 and var index)
        {
            _found.Add(address + (ulong)(from + index));
            from += index + pattern.Length;
            _behindLast = address + (ulong)from;
        }
    }
}
