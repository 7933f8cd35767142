using System.Buffers.Text;
using System.Runtime.CompilerServices;

namespace Vmi.Qemu;

/// <summary>A request written as an interpolated string: numbers and bytes become hexadecimal, as everywhere in the protocol.</summary>
[InterpolatedStringHandler]
internal ref struct GdbRequest
{
    private readonly Span<byte> _buffer;
    private int _length;

    public GdbRequest(int literalLength, int formattedCount, GdbClient client)
    {
        _ = (literalLength, formattedCount);
        _buffer = client.Scratch;
    }

    /// <summary>What was written.</summary>
    public readonly ReadOnlySpan<byte> Text => _buffer[.._length];

    /// <summary>Adds text of the protocol, which is ASCII.</summary>
    public void AppendLiteral(string text)
    {
        foreach (var character in text)
            _buffer[_length++] = (byte)character;
    }

    /// <summary>Adds a number.</summary>
    public void AppendFormatted(ulong number)
    {
        Utf8Formatter.TryFormat(number, _buffer[_length..], out var written, 'x');
        _length += written;
    }

    /// <summary>Adds a number.</summary>
    public void AppendFormatted(int number) => AppendFormatted((ulong)(uint)number);

    /// <summary>Adds bytes, two digits each.</summary>
    public void AppendFormatted(ReadOnlySpan<byte> bytes)
    {
        Convert.TryToHexStringLower(bytes, _buffer[_length..], out var written);
        _length += written;
    }
}
