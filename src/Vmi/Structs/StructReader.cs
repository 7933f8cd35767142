namespace Vmi;

/// <summary>A structure read once, whose fields are then picked out of the copy: they belong to one moment, and cost one read.</summary>
public sealed class StructReader
{
    private readonly byte[] _bytes;

    /// <summary>Reads a structure.</summary>
    /// <param name="memory">What reads.</param>
    /// <param name="context">Where it lies.</param>
    /// <param name="length">Bytes, 0 to <see cref="VmiLimits.TableBytes"/>.</param>
    /// <exception cref="TranslationFaultException">A part is not there.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The length is out of range.</exception>
    public StructReader(VmiMemory memory, AccessContext context, int length)
    {
        ArgumentNullException.ThrowIfNull(memory);
        _bytes = Buffer(memory, length);
        memory.Read(context, _bytes);
    }

    private StructReader(byte[] bytes) => _bytes = bytes;

    /// <summary>The copy.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Reads a structure; on false a part of it is not there.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The length is out of range.</exception>
    public static bool TryRead(
        VmiMemory memory, AccessContext context, int length,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out StructReader? reader, out TranslationFault fault)
    {
        ArgumentNullException.ThrowIfNull(memory);
        var bytes = Buffer(memory, length);
        reader = memory.TryRead(context, bytes, out fault) ? new StructReader(bytes) : null;
        return reader is not null;
    }

    /// <summary>An unsigned field of 1 to 8 bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The field is not inside the structure, or larger than 8 bytes.</exception>
    public ulong Read(Field field)
    {
        if (field.Size is 0 or > sizeof(ulong))
            throw new ArgumentOutOfRangeException(nameof(field), field, "A number has 1 to 8 bytes.");
        Span<byte> value = stackalloc byte[sizeof(ulong)];
        value.Clear();
        ReadBytes(field).CopyTo(value);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(value);
    }

    /// <summary>A bit field.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Its integer is not inside the structure.</exception>
    public ulong Read(BitField field) => field.Extract(Read(field.Field));

    /// <summary>A field that is a pointer.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The field is not inside the structure.</exception>
    public Va ReadVa(Field field) => new(Read(field));

    /// <summary>The bytes of a field of any size.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The field is not inside the structure.</exception>
    public ReadOnlySpan<byte> ReadBytes(Field field)
    {
        if (field.Offset > (ulong)_bytes.Length || field.Size > (ulong)_bytes.Length - field.Offset)
            throw new ArgumentOutOfRangeException(nameof(field), field, $"The structure has {_bytes.Length} bytes.");
        return _bytes.AsSpan((int)field.Offset, (int)field.Size);
    }

    private static byte[] Buffer(VmiMemory memory, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, memory.Limits.TableBytes);
        return new byte[length];
    }
}
