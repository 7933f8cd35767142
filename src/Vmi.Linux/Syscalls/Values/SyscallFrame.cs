using System.Buffers.Binary;

namespace Vmi.Linux;

/// <summary>
/// The call that is being decoded: its registers, and the memory of its process. Every address comes from the program, which may name any:
/// only the half that is its own is read.
/// </summary>
internal sealed class SyscallFrame
{
    /// <summary>The largest structure that a decoder reads at once.</summary>
    public const int LargestStructure = 128;

    private const int FourLevelBits = 47;
    private const int FiveLevelBits = 56;
    private const int StringPiece = 128;

    private readonly ulong _userEnd;
    private readonly byte[] _buffer;
    private readonly byte[] _array;
    private VmiMemory? _memory;
    private Pa _root;
    private SyscallRegisters _registers;
    private ulong _filled;

    public SyscallFrame(SyscallDecoderOptions options, PagingMode paging)
    {
        Options = options;
        _userEnd = 1UL << (paging.Levels == PagingLevels.Five ? FiveLevelBits : FourLevelBits);
        _buffer = new byte[Math.Max(options.BufferBytes, options.StringBytes)];
        _array = new byte[Math.Max(options.ArrayEntries, 1) * 16];
    }

    public SyscallDecoderOptions Options { get; }

    public LinuxSyscall Syscall { get; private set; } = null!;

    /// <summary>Bytes of a pointer, `long` and `size_t` of the program: 4 or 8.</summary>
    public int Width { get; private set; }

    /// <summary>What the call returned; null at its entry.</summary>
    public long? Result { get; private set; }

    /// <summary>The string that the value is; set by decoders of strings.</summary>
    public string? Content { get; set; }

    /// <summary>Whether something of the value was not there.</summary>
    public bool IsMissing { get; private set; }

    public void Begin(VmiState<LinuxOs> state, LinuxSyscall syscall, in SyscallRegisters registers, long? result)
    {
        _memory = state;
        _root = state.Registers.TranslationRoot;
        Syscall = syscall;
        Width = syscall.Abi == SyscallAbi.X64 ? sizeof(ulong) : sizeof(uint);
        _registers = registers;
        Result = result;
    }

    public void BeginValue()
    {
        Content = null;
        IsMissing = false;
        _filled = (ulong)Math.Max(Result.GetValueOrDefault(), 0);
    }

    /// <summary>
    /// How many bytes of the next of several buffers mean something: all at the call's entry; at its return those that the kernel filled.
    /// </summary>
    public ulong TakeFilled(ulong length)
    {
        if (Result is null)
            return length;
        var part = Math.Min(length, _filled);
        _filled -= part;
        return part;
    }

    public ulong Argument(int index) => _registers[index];

    /// <summary>Says that a part of the value is not there.</summary>
    public void SetMissing() => IsMissing = true;

    /// <summary>Fills as much of a buffer as is there; what is not counts as missing.</summary>
    /// <returns>How many bytes from the start.</returns>
    public int Read(ulong address, Span<byte> destination)
    {
        var read = Peek(address, destination);
        IsMissing |= read < destination.Length;
        return read;
    }

    /// <summary>Whether a whole structure is there.</summary>
    public bool TryRead(ulong address, Span<byte> destination) => Read(address, destination) == destination.Length;

    /// <summary>The first bytes of a buffer, so many as are shown and are there. Valid until the next read into it.</summary>
    /// <param name="address">Where it is.</param>
    /// <param name="length">Its length.</param>
    /// <param name="limit">How much is shown: one of the options.</param>
    /// <param name="end">Whether that is all.</param>
    public ReadOnlySpan<byte> ReadBuffer(ulong address, ulong length, int limit, out ReadEnd end)
    {
        var shown = _buffer.AsSpan(0, (int)Math.Min(length, (ulong)limit));
        var read = Read(address, shown);
        end = read < shown.Length ? ReadEnd.Missing : (ulong)read < length ? ReadEnd.Cut : ReadEnd.Whole;
        return shown[..read];
    }

    /// <summary>The first elements of an array, so many as are shown and are there. Valid until the next array.</summary>
    /// <param name="address">Where it is.</param>
    /// <param name="count">How many it has.</param>
    /// <param name="size">Bytes of one: at most 16.</param>
    /// <param name="end">Whether that is all.</param>
    public ReadOnlySpan<byte> ReadArray(ulong address, ulong count, int size, out ReadEnd end)
    {
        var shown = _array.AsSpan(0, (int)Math.Min(count, (ulong)Options.ArrayEntries) * size);
        var read = Peek(address, shown) / size * size;
        end = read < shown.Length ? ReadEnd.Missing : (ulong)(read / size) < count ? ReadEnd.Cut : ReadEnd.Whole;
        return shown[..read];
    }

    /// <summary>A string without its terminator, cut at the bound. Valid until the next read into the buffer.</summary>
    /// <param name="address">Where it is.</param>
    /// <param name="end">Whether its end was met.</param>
    public ReadOnlySpan<byte> ReadText(ulong address, out ReadEnd end)
    {
        var length = 0;
        end = ReadEnd.Cut;
        while (length < Options.StringBytes)
        {
            // A piece ends at a page boundary: what follows the string's own page need not be there.
            var at = unchecked(address + (ulong)length);
            var piece = Math.Min(Math.Min(StringPiece, Options.StringBytes - length), Frame.Size - (int)(at & (Frame.Size - 1)));
            var read = Read(at, _buffer.AsSpan(length, piece));
            var terminator = _buffer.AsSpan(length, read).IndexOf((byte)0);
            if (terminator >= 0)
            {
                end = ReadEnd.Whole;
                return _buffer.AsSpan(0, length + terminator);
            }

            length += read;
            if (read < piece)
            {
                end = ReadEnd.Missing;
                break;
            }
        }

        return _buffer.AsSpan(0, length);
    }

    /// <summary>A number of the program's `long`'s width.</summary>
    public ulong Word(ReadOnlySpan<byte> bytes) => Width == sizeof(ulong)
        ? BinaryPrimitives.ReadUInt64LittleEndian(bytes)
        : BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    public static uint UInt32(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private int Peek(ulong address, Span<byte> destination)
    {
        if (address >= _userEnd)
            destination = [];
        else if ((ulong)destination.Length > _userEnd - address)
            destination = destination[..(int)(_userEnd - address)];
        var read = destination.Length;
        if (read > 0 && !_memory!.TryRead((new Va(address), _root), destination, out var fault))
            read = (int)Math.Min(unchecked(fault.Address - address), (ulong)read);
        return read;
    }
}
