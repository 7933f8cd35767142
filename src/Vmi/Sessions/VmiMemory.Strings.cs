using System.Runtime.InteropServices;
using System.Text;

namespace Vmi;

/// <content>
/// Reading strings that end with a zero. All limits are in bytes; a string that reaches its limit is cut there. A fault counts only
/// if it comes before the terminator and before the limit.
/// </content>
public abstract partial class VmiMemory
{
    /// <summary>Bytes read at once while looking for the terminator: few strings are longer, and a page boundary ends a piece anyway.</summary>
    private const int StringPiece = 256;

    private int StringLimit => Machine.StringLimit ?? Machine.Limits.StringBytes;

    /// <summary>Reads a string of bytes, without its terminator.</summary>
    /// <exception cref="TranslationFaultException">Memory ends before the string does.</exception>
    public byte[] ReadStringBytes(AccessContext context) => ReadStringBytes(context, StringLimit);

    /// <summary>Reads a string of at most <paramref name="limit"/> bytes, without its terminator.</summary>
    /// <exception cref="TranslationFaultException">Memory ends before the string does.</exception>
    public byte[] ReadStringBytes(AccessContext context, int limit)
    {
        ThrowIfFault(TryReadStringBytes(context, limit, out var value, out var fault), fault);
        return value;
    }

    /// <summary>Reads a string of bytes. On false, <paramref name="value"/> has what came before the fault.</summary>
    public bool TryReadStringBytes(AccessContext context, out byte[] value, out TranslationFault fault) =>
        TryReadStringBytes(context, StringLimit, out value, out fault);

    /// <summary>Reads a string of at most <paramref name="limit"/> bytes. On false, <paramref name="value"/> has what came before the fault.</summary>
    public bool TryReadStringBytes(AccessContext context, int limit, out byte[] value, out TranslationFault fault) =>
        TryReadTerminated(context, 1, limit, out value, out fault);

    /// <summary>Reads a UTF-8 string; bytes that are none become U+FFFD.</summary>
    /// <exception cref="TranslationFaultException">Memory ends before the string does.</exception>
    public string ReadString(AccessContext context) => ReadString(context, StringLimit);

    /// <summary>Reads a UTF-8 string of at most <paramref name="limit"/> bytes.</summary>
    /// <exception cref="TranslationFaultException">Memory ends before the string does.</exception>
    public string ReadString(AccessContext context, int limit) => Encoding.UTF8.GetString(ReadStringBytes(context, limit));

    /// <summary>Reads a UTF-8 string. On false, <paramref name="value"/> has what came before the fault.</summary>
    public bool TryReadString(AccessContext context, out string value, out TranslationFault fault) =>
        TryReadString(context, StringLimit, out value, out fault);

    /// <summary>Reads a UTF-8 string of at most <paramref name="limit"/> bytes. On false, <paramref name="value"/> has what came before the fault.</summary>
    public bool TryReadString(AccessContext context, int limit, out string value, out TranslationFault fault)
    {
        var succeeded = TryReadStringBytes(context, limit, out var bytes, out fault);
        value = Encoding.UTF8.GetString(bytes);
        return succeeded;
    }

    /// <summary>Reads a string of 16-bit units, without its terminator.</summary>
    /// <exception cref="TranslationFaultException">Memory ends before the string does.</exception>
    public ushort[] ReadWideStringBytes(AccessContext context) => ReadWideStringBytes(context, StringLimit);

    /// <summary>Reads a string of 16-bit units of at most <paramref name="limit"/> bytes, without its terminator.</summary>
    /// <exception cref="TranslationFaultException">Memory ends before the string does.</exception>
    public ushort[] ReadWideStringBytes(AccessContext context, int limit)
    {
        ThrowIfFault(TryReadWideStringBytes(context, limit, out var value, out var fault), fault);
        return value;
    }

    /// <summary>Reads a string of 16-bit units. On false, <paramref name="value"/> has what came before the fault.</summary>
    public bool TryReadWideStringBytes(AccessContext context, out ushort[] value, out TranslationFault fault) =>
        TryReadWideStringBytes(context, StringLimit, out value, out fault);

    /// <summary>
    /// Reads a string of 16-bit units of at most <paramref name="limit"/> bytes. On false, <paramref name="value"/> has what came
    /// before the fault.
    /// </summary>
    public bool TryReadWideStringBytes(AccessContext context, int limit, out ushort[] value, out TranslationFault fault)
    {
        var succeeded = TryReadTerminated(context, sizeof(ushort), limit, out var bytes, out fault);
        value = MemoryMarshal.Cast<byte, ushort>(bytes.AsSpan(0, bytes.Length & ~1)).ToArray();
        return succeeded;
    }

    /// <summary>Reads a UTF-16 string.</summary>
    /// <exception cref="TranslationFaultException">Memory ends before the string does.</exception>
    public string ReadWideString(AccessContext context) => ReadWideString(context, StringLimit);

    /// <summary>Reads a UTF-16 string of at most <paramref name="limit"/> bytes.</summary>
    /// <exception cref="TranslationFaultException">Memory ends before the string does.</exception>
    public string ReadWideString(AccessContext context, int limit) => Utf16(ReadWideStringBytes(context, limit));

    /// <summary>Reads a UTF-16 string. On false, <paramref name="value"/> has what came before the fault.</summary>
    public bool TryReadWideString(AccessContext context, out string value, out TranslationFault fault) =>
        TryReadWideString(context, StringLimit, out value, out fault);

    /// <summary>Reads a UTF-16 string of at most <paramref name="limit"/> bytes. On false, <paramref name="value"/> has what came before the fault.</summary>
    public bool TryReadWideString(AccessContext context, int limit, out string value, out TranslationFault fault)
    {
        var succeeded = TryReadWideStringBytes(context, limit, out var units, out fault);
        value = Utf16(units);
        return succeeded;
    }

    private static string Utf16(ushort[] units) => Encoding.Unicode.GetString(MemoryMarshal.AsBytes(units.AsSpan()));

    private bool TryReadTerminated(AccessContext context, int unit, int limit, out byte[] value, out TranslationFault fault)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        limit -= limit % unit;
        using var operation = BeginOperation();
        Span<byte> piece = stackalloc byte[StringPiece];
        var collected = new List<byte>();
        fault = default;
        while (collected.Count < limit)
        {
            // A piece ends at a page boundary, so that a string that ends before an unmapped page is read. A unit that straddles the
            // boundary (a wide string at an odd address) is read by itself.
            var at = context + (ulong)collected.Count;
            var leftInPage = Frame.Size - (int)(at.Address & (Frame.Size - 1));
            var length = Math.Min(Math.Min(piece.Length, limit - collected.Count), Math.Max(unit, leftInPage - leftInPage % unit));
            if (!TryRead(at, piece[..length], out fault))
            {
                // Within one page all or nothing is there, except where the source itself ends.
                var before = (int)unchecked(fault.Address - at.Address);
                if (fault.Cause == TranslationFaultCause.PageMissing && before > 0 && before < length)
                    length = before - before % unit;
                else
                    break;
            }

            var end = TerminatorOf(piece[..length], unit);
            collected.AddRange(piece[..(end < 0 ? length : end)]);
            if (end >= 0)
            {
                fault = default;
                break;
            }

            if (fault.Cause != TranslationFaultCause.None)
                break;
        }

        value = [.. collected];
        return fault.Cause == TranslationFaultCause.None;
    }

    /// <summary>The offset of the first zero unit, or -1.</summary>
    private static int TerminatorOf(ReadOnlySpan<byte> bytes, int unit)
    {
        if (unit == 1)
            return bytes.IndexOf((byte)0);
        var index = MemoryMarshal.Cast<byte, ushort>(bytes).IndexOf((ushort)0);
        return index < 0 ? -1 : index * unit;
    }
}
