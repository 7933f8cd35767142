namespace Vmi.Qemu;

/// <summary>
/// Cuts a stream of bytes into the JSON objects at its top level, wherever line breaks are (a `-qmp-pretty` monitor sends many
/// within one object). A peer that never ends an object is cut off at <see cref="MaxLength"/>.
/// </summary>
internal sealed class QmpFramer
{
    /// <summary>The longest answer taken: `info mtree -f` of a machine with thousands of devices has one megabyte.</summary>
    public const int MaxLength = 16 * 1024 * 1024;

    private byte[] _buffer = new byte[4096];
    private int _length;
    private int _scanned;
    private int _taken;
    private int _depth;
    private bool _inString;
    private bool _escaped;

    /// <summary>Adds bytes received.</summary>
    /// <exception cref="VmiDriverException">The object being received is too long.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        DropTaken();
        if (bytes.Length > MaxLength - _length)
            throw new VmiDriverException($"The monitor sent more than {MaxLength >> 20} MiB without an end: is it a QMP socket?");
        if (_length + bytes.Length > _buffer.Length)
            Array.Resize(ref _buffer, Math.Max(_length + bytes.Length, Math.Min(MaxLength, _buffer.Length * 2)));
        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += bytes.Length;
    }

    /// <summary>Takes the next whole object out; it is valid until the next call.</summary>
    /// <exception cref="VmiDriverException">What was received is no sequence of JSON objects.</exception>
    public bool TryTake(out ReadOnlySpan<byte> json)
    {
        DropTaken();
        while (_scanned < _length)
        {
            var value = _buffer[_scanned++];
            if (_inString)
                ScanString(value);
            else if (ScanOutside(value))
            {
                json = _buffer.AsSpan(0, _scanned);
                _taken = _scanned;
                return true;
            }
        }
        json = default;
        return false;
    }

    private void DropTaken()
    {
        if (_taken == 0)
            return;
        _buffer.AsSpan(_taken, _length - _taken).CopyTo(_buffer);
        _length -= _taken;
        _taken = 0;
        _scanned = 0;
    }

    private void ScanString(byte value)
    {
        if (_escaped)
            _escaped = false;
        else if (value == '\\')
            _escaped = true;
        else if (value == '"')
            _inString = false;
    }

    /// <summary>Returns whether the byte ends an object of the top level.</summary>
    private bool ScanOutside(byte value)
    {
        if (_depth == 0 && value is not ((byte)'{' or (byte)' ' or (byte)'\r' or (byte)'\n' or (byte)'\t'))
            throw new VmiDriverException("The monitor does not speak QMP: give the socket of `-qmp`, not that of `-monitor`.");
        switch (value)
        {
            case (byte)'"':
                _inString = true;
                return false;
            case (byte)'{' or (byte)'[':
                _depth++;
                return false;
            case (byte)'}' or (byte)']':
                return --_depth == 0;
            default:
                return false;
        }
    }
}
