using System.Buffers.Text;
using System.Text;

namespace Vmi.Symbols;

/// <summary>Reads a kernel's System.map: lines of an address, a type letter and a name, as nm and /proc/kallsyms print them.</summary>
internal static class SystemMap
{
    /// <summary>Whether a file begins as a System.map does.</summary>
    public static bool IsMatch(ReadOnlySpan<byte> bytes) => TryReadLine(FirstLine(bytes), out _, out _, out _);

    /// <summary>
    /// The symbols; those of modules, which /proc/kallsyms has too, are left out. Null if a line is none, or `_text` is missing.
    /// </summary>
    public static SymbolTable? Read(ReadOnlySpan<byte> bytes, int maxSymbols)
    {
        var builder = new SymbolTableBuilder();
        while (!bytes.IsEmpty)
        {
            var line = FirstLine(bytes);
            bytes = bytes[Math.Min(line.Length + 1, bytes.Length)..];
            if (line.IsEmpty)
                continue;
            if (!TryReadLine(line, out var address, out var type, out var name))
                return null;
            if (!name.Contains((byte)'\t'))
                builder.Add(address, type, Encoding.UTF8.GetString(name));
        }

        return builder.Build(maxSymbols);
    }

    private static ReadOnlySpan<byte> FirstLine(ReadOnlySpan<byte> bytes) =>
        bytes.IndexOf((byte)'\n') is var end and >= 0 ? bytes[..end] : bytes;

    private static bool TryReadLine(ReadOnlySpan<byte> line, out ulong address, out char type, out ReadOnlySpan<byte> name)
    {
        const int digits = 16;
        type = default;
        name = default;
        if (!Utf8Parser.TryParse(line, out address, out var length, 'x') || length != digits || line.Length < digits + 4
            || line[digits] != ' ' || !char.IsAsciiLetter((char)line[digits + 1]) || line[digits + 2] != ' ')
            return false;
        type = (char)line[digits + 1];
        name = line[(digits + 3)..];
        return true;
    }
}
