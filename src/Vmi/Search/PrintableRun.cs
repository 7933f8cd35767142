using System.Text;

namespace Vmi;

/// <summary>The printable characters that have come one after the other, until one comes that is none.</summary>
/// <param name="isWide">Whether each has two bytes.</param>
/// <param name="least">The least that make a string.</param>
/// <param name="most">The most that a string has: then the next begins.</param>
/// <param name="found">Takes the strings; null if nobody wants them.</param>
internal sealed class PrintableRun(bool isWide, int least, int most, Action<MemoryString>? found)
{
    private byte[] _characters = new byte[256];
    private ulong _start;
    private int _length;
    private bool _continues;

    public bool IsEmpty => _length == 0;

    /// <summary>Adds a character.</summary>
    /// <param name="address">Where it lies; counts for the first.</param>
    /// <param name="character">In ASCII.</param>
    public void Add(ulong address, byte character)
    {
        if (_length == 0)
            _start = address;
        if (_length == _characters.Length)
            Array.Resize(ref _characters, 2 * _length);
        _characters[_length++] = character;
        if (_length < Math.Max(least, most))
            return;
        Tell();
        _continues = true;
    }

    /// <summary>The next character is the first of another string.</summary>
    public void End()
    {
        if (_length >= least || (_continues && _length > 0))
            Tell();
        _length = 0;
        _continues = false;
    }

    private void Tell()
    {
        found?.Invoke(new MemoryString(_start, Encoding.ASCII.GetString(_characters.AsSpan(0, _length)), isWide));
        _length = 0;
    }
}
