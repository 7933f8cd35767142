using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Vmi;

/// <content>Reading bytes, numbers, addresses and structures.</content>
public abstract partial class VmiMemory
{
    /// <summary>Fills a buffer. If it throws, the bytes before the fault are in the buffer.</summary>
    /// <exception cref="TranslationFaultException">A part is not there.</exception>
    public void Read(AccessContext context, Span<byte> buffer) => ThrowIfFault(TryRead(context, buffer, out var fault), fault);

    /// <summary>
    /// Fills a buffer. On false, <see cref="TranslationFault.Address"/> is the first byte that is not there, and the bytes before it
    /// are in the buffer.
    /// </summary>
    public bool TryRead(AccessContext context, Span<byte> buffer, out TranslationFault fault)
    {
        fault = default;
        if (buffer.IsEmpty)
            return true;
        if (context.Mechanism == TranslationMechanism.Direct)
        {
            var read = Machine.ReadPhysical(new Pa(context.Address), buffer);
            if (read == buffer.Length)
                return true;
            fault = MissingAt(unchecked(context.Address + (ulong)read));
            return false;
        }

        return TryResolve(context, out var root, out fault)
            && Machine.TryReadVirtual(new Va(context.Address), root, CurrentPagingMode, buffer, out fault);
    }

    /// <summary>Reads an unsigned 8-bit number.</summary>
    /// <exception cref="TranslationFaultException">It is not there.</exception>
    public byte ReadByte(AccessContext context)
    {
        ThrowIfFault(TryReadByte(context, out var value, out var fault), fault);
        return value;
    }

    /// <summary>Reads an unsigned 8-bit number.</summary>
    public bool TryReadByte(AccessContext context, out byte value, out TranslationFault fault)
    {
        value = 0;
        return TryRead(context, new Span<byte>(ref value), out fault);
    }

    /// <summary>Reads an unsigned 16-bit number.</summary>
    /// <exception cref="TranslationFaultException">It is not there.</exception>
    public ushort ReadUInt16(AccessContext context)
    {
        ThrowIfFault(TryReadUInt16(context, out var value, out var fault), fault);
        return value;
    }

    /// <summary>Reads an unsigned 16-bit number.</summary>
    public bool TryReadUInt16(AccessContext context, out ushort value, out TranslationFault fault) =>
        TryReadStruct(context, out value, out fault);

    /// <summary>Reads an unsigned 32-bit number.</summary>
    /// <exception cref="TranslationFaultException">It is not there.</exception>
    public uint ReadUInt32(AccessContext context)
    {
        ThrowIfFault(TryReadUInt32(context, out var value, out var fault), fault);
        return value;
    }

    /// <summary>Reads an unsigned 32-bit number.</summary>
    public bool TryReadUInt32(AccessContext context, out uint value, out TranslationFault fault) =>
        TryReadStruct(context, out value, out fault);

    /// <summary>Reads an unsigned 64-bit number.</summary>
    /// <exception cref="TranslationFaultException">It is not there.</exception>
    public ulong ReadUInt64(AccessContext context)
    {
        ThrowIfFault(TryReadUInt64(context, out var value, out var fault), fault);
        return value;
    }

    /// <summary>Reads an unsigned 64-bit number.</summary>
    public bool TryReadUInt64(AccessContext context, out ulong value, out TranslationFault fault) =>
        TryReadStruct(context, out value, out fault);

    /// <summary>Reads an unsigned number of 1, 2, 4 or 8 bytes.</summary>
    /// <exception cref="TranslationFaultException">It is not there.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Another size.</exception>
    public ulong ReadUInt(AccessContext context, int size)
    {
        ThrowIfFault(TryReadUInt(context, size, out var value, out var fault), fault);
        return value;
    }

    /// <summary>Reads an unsigned number of 1, 2, 4 or 8 bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Another size.</exception>
    public bool TryReadUInt(AccessContext context, int size, out ulong value, out TranslationFault fault)
    {
        if (size is not (1 or 2 or 4 or 8))
            throw new ArgumentOutOfRangeException(nameof(size), size, "A number has 1, 2, 4 or 8 bytes.");
        Span<byte> buffer = stackalloc byte[sizeof(ulong)];
        buffer.Clear();
        var succeeded = TryRead(context, buffer[..size], out fault);
        value = succeeded ? BinaryPrimitives.ReadUInt64LittleEndian(buffer) : 0;
        return succeeded;
    }

    /// <summary>Reads a field of the structure at an address.</summary>
    /// <exception cref="TranslationFaultException">It is not there.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The field has another size than 1, 2, 4 or 8 bytes.</exception>
    public ulong ReadField(AccessContext context, Field field) => ReadUInt(context + field.Offset, SizeOf(field));

    /// <summary>Reads a field of the structure at an address.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The field has another size than 1, 2, 4 or 8 bytes.</exception>
    public bool TryReadField(AccessContext context, Field field, out ulong value, out TranslationFault fault) =>
        TryReadUInt(context + field.Offset, SizeOf(field), out value, out fault);

    /// <summary>Reads a bit field of the structure at an address.</summary>
    /// <exception cref="TranslationFaultException">It is not there.</exception>
    public ulong ReadField(AccessContext context, BitField field) => field.Extract(ReadField(context, field.Field));

    /// <summary>Reads a bit field of the structure at an address.</summary>
    public bool TryReadField(AccessContext context, BitField field, out ulong value, out TranslationFault fault)
    {
        var succeeded = TryReadField(context, field.Field, out value, out fault);
        value = field.Extract(value);
        return succeeded;
    }

    /// <summary>Reads a pointer of a given width as a number.</summary>
    /// <param name="context">Where it lies.</param>
    /// <param name="addressWidth">4 or 8 bytes.</param>
    /// <exception cref="TranslationFaultException">It is not there.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Another width.</exception>
    public ulong ReadAddress(AccessContext context, int addressWidth)
    {
        ThrowIfFault(TryReadAddress(context, addressWidth, out var value, out var fault), fault);
        return value;
    }

    /// <summary>Reads a pointer of a given width as a number.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Another width than 4 or 8 bytes.</exception>
    public bool TryReadAddress(AccessContext context, int addressWidth, out ulong value, out TranslationFault fault)
    {
        if (addressWidth is not (4 or 8))
            throw new ArgumentOutOfRangeException(nameof(addressWidth), addressWidth, "A pointer has 4 or 8 bytes.");
        return TryReadUInt(context, addressWidth, out value, out fault);
    }

    /// <summary>Reads a 4-byte pointer as a number.</summary>
    /// <exception cref="TranslationFaultException">It is not there.</exception>
    public ulong ReadAddress32(AccessContext context) => ReadUInt32(context);

    /// <summary>Reads a 4-byte pointer as a number.</summary>
    public bool TryReadAddress32(AccessContext context, out ulong value, out TranslationFault fault) =>
        TryReadUInt(context, sizeof(uint), out value, out fault);

    /// <summary>Reads an 8-byte pointer as a number.</summary>
    /// <exception cref="TranslationFaultException">It is not there.</exception>
    public ulong ReadAddress64(AccessContext context) => ReadUInt64(context);

    /// <summary>Reads an 8-byte pointer as a number.</summary>
    public bool TryReadAddress64(AccessContext context, out ulong value, out TranslationFault fault) =>
        TryReadUInt64(context, out value, out fault);

    /// <summary>Reads a pointer of a given width.</summary>
    /// <exception cref="TranslationFaultException">It is not there.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Another width than 4 or 8 bytes.</exception>
    public Va ReadVa(AccessContext context, int addressWidth) => new(ReadAddress(context, addressWidth));

    /// <summary>Reads a pointer of a given width.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Another width than 4 or 8 bytes.</exception>
    public bool TryReadVa(AccessContext context, int addressWidth, out Va value, out TranslationFault fault)
    {
        var succeeded = TryReadAddress(context, addressWidth, out var address, out fault);
        value = new Va(address);
        return succeeded;
    }

    /// <summary>Reads a 4-byte pointer.</summary>
    /// <exception cref="TranslationFaultException">It is not there.</exception>
    public Va ReadVa32(AccessContext context) => new(ReadUInt32(context));

    /// <summary>Reads a 4-byte pointer.</summary>
    public bool TryReadVa32(AccessContext context, out Va value, out TranslationFault fault) =>
        TryReadVa(context, sizeof(uint), out value, out fault);

    /// <summary>Reads an 8-byte pointer.</summary>
    /// <exception cref="TranslationFaultException">It is not there.</exception>
    public Va ReadVa64(AccessContext context) => new(ReadUInt64(context));

    /// <summary>Reads an 8-byte pointer.</summary>
    public bool TryReadVa64(AccessContext context, out Va value, out TranslationFault fault) =>
        TryReadVa(context, sizeof(ulong), out value, out fault);

    /// <summary>Reads a structure of plain data, its fields laid out as in the guest.</summary>
    /// <exception cref="TranslationFaultException">A part is not there.</exception>
    public T ReadStruct<T>(AccessContext context)
        where T : unmanaged
    {
        ThrowIfFault(TryReadStruct<T>(context, out var value, out var fault), fault);
        return value;
    }

    /// <summary>Reads a structure of plain data, its fields laid out as in the guest.</summary>
    public bool TryReadStruct<T>(AccessContext context, out T value, out TranslationFault fault)
        where T : unmanaged
    {
        value = default;
        if (TryRead(context, MemoryMarshal.AsBytes(new Span<T>(ref value)), out fault))
            return true;
        value = default;
        return false;
    }

    /// <summary>Reads one frame, from the cache where it has it. A mapped page shows what the guest writes, a copied one does not.</summary>
    /// <exception cref="TranslationFaultException">The frame is not there.</exception>
    public VmiMappedPage ReadPage(Gfn gfn)
    {
        ThrowIfFault(TryReadPage(gfn, out var page, out var fault), fault);
        return page!;
    }

    /// <summary>Reads one frame, from the cache where it has it.</summary>
    public bool TryReadPage(Gfn gfn, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out VmiMappedPage? page, out TranslationFault fault)
    {
        page = Machine.ReadPage(gfn);
        fault = page is null ? MissingAt(gfn.Pa.Value) : default;
        return page is not null;
    }

    private static int SizeOf(Field field) => field.Size <= sizeof(ulong) ? (int)field.Size : -1;
}
