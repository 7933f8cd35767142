using System.Runtime.InteropServices;

namespace Vmi;

/// <content>
/// Writing. A write goes to the memory behind the address whatever the page tables allow the guest, page by page: on a fault the
/// pages before it are written.
/// </content>
public abstract partial class VmiMemory
{
    /// <summary>Writes bytes.</summary>
    /// <exception cref="TranslationFaultException">A part is not there; what comes before it is written.</exception>
    /// <exception cref="VmiNotSupportedException">The driver can't write.</exception>
    public void Write(AccessContext context, ReadOnlySpan<byte> buffer) => ThrowIfFault(TryWrite(context, buffer, out var fault), fault);

    /// <summary>Writes bytes. On false, what comes before <see cref="TranslationFault.Address"/> is written.</summary>
    /// <exception cref="VmiNotSupportedException">The driver can't write.</exception>
    public bool TryWrite(AccessContext context, ReadOnlySpan<byte> buffer, out TranslationFault fault)
    {
        fault = default;
        if (context.Mechanism == TranslationMechanism.Direct)
        {
            var written = Machine.WritePhysical(new Pa(context.Address), buffer);
            if (written == buffer.Length)
                return true;
            fault = MissingAt(unchecked(context.Address + (ulong)written));
            return false;
        }

        Machine.Ability<IVmiWrite>("writing memory");
        if (buffer.IsEmpty)
            return true;
        return TryResolve(context, out var root, out fault)
            && Machine.TryWriteVirtual(new Va(context.Address), root, CurrentPagingMode, buffer, out fault);
    }

    /// <summary>Writes an unsigned 8-bit number.</summary>
    /// <exception cref="TranslationFaultException">Its place is not there.</exception>
    public void WriteByte(AccessContext context, byte value) => Write(context, [value]);

    /// <summary>Writes an unsigned 8-bit number.</summary>
    public bool TryWriteByte(AccessContext context, byte value, out TranslationFault fault) => TryWrite(context, [value], out fault);

    /// <summary>Writes an unsigned 16-bit number.</summary>
    /// <exception cref="TranslationFaultException">A part of its place is not there.</exception>
    public void WriteUInt16(AccessContext context, ushort value) => WriteStruct(context, value);

    /// <summary>Writes an unsigned 16-bit number.</summary>
    public bool TryWriteUInt16(AccessContext context, ushort value, out TranslationFault fault) =>
        TryWriteStruct(context, value, out fault);

    /// <summary>Writes an unsigned 32-bit number.</summary>
    /// <exception cref="TranslationFaultException">A part of its place is not there.</exception>
    public void WriteUInt32(AccessContext context, uint value) => WriteStruct(context, value);

    /// <summary>Writes an unsigned 32-bit number.</summary>
    public bool TryWriteUInt32(AccessContext context, uint value, out TranslationFault fault) =>
        TryWriteStruct(context, value, out fault);

    /// <summary>Writes an unsigned 64-bit number.</summary>
    /// <exception cref="TranslationFaultException">A part of its place is not there.</exception>
    public void WriteUInt64(AccessContext context, ulong value) => WriteStruct(context, value);

    /// <summary>Writes an unsigned 64-bit number.</summary>
    public bool TryWriteUInt64(AccessContext context, ulong value, out TranslationFault fault) =>
        TryWriteStruct(context, value, out fault);

    /// <summary>Writes a structure of plain data, its fields laid out as in the guest.</summary>
    /// <exception cref="TranslationFaultException">A part of its place is not there.</exception>
    public void WriteStruct<T>(AccessContext context, T value)
        where T : unmanaged => ThrowIfFault(TryWriteStruct(context, value, out var fault), fault);

    /// <summary>Writes a structure of plain data, its fields laid out as in the guest.</summary>
    public bool TryWriteStruct<T>(AccessContext context, T value, out TranslationFault fault)
        where T : unmanaged => TryWrite(context, MemoryMarshal.AsBytes(new ReadOnlySpan<T>(ref value)), out fault);
}
