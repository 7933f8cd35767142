namespace Vmi.Linux;

/// <summary>How much of what a call's pointers lead to is read and shown.</summary>
public sealed record SyscallDecoderOptions
{
    private readonly int _bufferBytes = 32;
    private readonly int _stringBytes = 4096;
    private readonly int _arrayEntries = 32;

    /// <summary>Bytes of a buffer: 0 to 64 KiB.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Another value.</exception>
    public int BufferBytes
    {
        get => _bufferBytes;
        init => _bufferBytes = Checked(value);
    }

    /// <summary>Bytes of a string, such as a path (the kernel's own bound, `PATH_MAX`, is 4096): 0 to 64 KiB.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Another value.</exception>
    public int StringBytes
    {
        get => _stringBytes;
        init => _stringBytes = Checked(value);
    }

    /// <summary>Elements of an array (`argv`, `struct iovec`): 0 to 64 Ki.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Another value.</exception>
    public int ArrayEntries
    {
        get => _arrayEntries;
        init => _arrayEntries = Checked(value);
    }

    private static int Checked(int value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 64 * 1024);
        return value;
    }
}
