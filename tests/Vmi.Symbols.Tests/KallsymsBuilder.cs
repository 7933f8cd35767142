using System.Buffers.Binary;
using System.Text;

namespace Vmi.Symbols.Tests;

/// <summary>Writes a kernel image with kallsyms tables by hand, as scripts/kallsyms.c of the given time lays them out.</summary>
internal sealed class KallsymsBuilder
{
    public const ulong Base = 0xffffffff9a000000;

    private readonly List<(ulong Address, char Type, string Name)> _symbols = [];

    /// <summary>How the tables are written.</summary>
    public enum Format
    {
        /// <summary>Linux 5.4: offsets first, absolute per-CPU symbols.</summary>
        Linux54,

        /// <summary>Linux 6.2: as before, with seqs_of_names before the tokens.</summary>
        Linux62,

        /// <summary>Linux 6.4: offsets behind the tokens.</summary>
        Linux64,

        /// <summary>Linux 6.15: no absolute per-CPU symbols: unsigned offsets.</summary>
        Linux615,

        /// <summary>Linux 7.0: offsets from their own place.</summary>
        Linux70,

        /// <summary>Linux 7.2: as before, aligned to 4 bytes only.</summary>
        Linux72,
    }

    public KallsymsBuilder Add(ulong address, char type, string name)
    {
        _symbols.Add((address, type, name));
        return this;
    }

    public KallsymsBuilder MovedBy(ulong distance)
    {
        for (var i = 0; i < _symbols.Count; i++)
            if (_symbols[i].Address >= Base)
                _symbols[i] = _symbols[i] with { Address = _symbols[i].Address + distance };
        return this;
    }

    public KallsymsBuilder Without(string name)
    {
        _symbols.RemoveAll(symbol => symbol.Name == name);
        return this;
    }

    /// <summary>`_text`, 1500 functions of 16 bytes, `_end`, and per-CPU variables if wanted.</summary>
    public static KallsymsBuilder Sample(bool perCpu = true)
    {
        var builder = new KallsymsBuilder();
        if (perCpu)
            builder.Add(0, 'A', "fixed_percpu_data").Add(0x1000, 'A', "cpu_debug_store");
        builder.Add(Base, 'T', "_text");
        for (var i = 0; i < 1500; i++)
            builder.Add(Base + 16 * (ulong)i, i % 3 == 0 ? 't' : 'T', $"function_{i}");
        return builder.Add(Base + 0x40000, 'B', "_end");
    }

    /// <summary>The table that Vmi finds in the image of one format.</summary>
    public SymbolTable Table() => Assert.Single(KallsymsFinder.FindAll(new KernelImage(new Va(Base), Image(Format.Linux64))));

    /// <summary>An image of some text, the tables at an odd place, and more text.</summary>
    public byte[] Image(Format format, int at = 0x3008)
    {
        var image = new MemoryStream();
        image.Write(Enumerable.Range(0, at).Select(i => (byte)(i * 37)).ToArray());
        image.Write(Tables(format, Base + (ulong)at));
        image.Write(new byte[4096]);
        return image.ToArray();
    }

    public byte[] Tables(Format format, ulong address)
    {
        var unit = format == Format.Linux72 ? 4 : 8;
        byte[] Padded(byte[] bytes) => [.. bytes, .. new byte[-bytes.Length & (unit - 1)]];
        var tokens = Tokens();
        var number = Padded(Word((uint)_symbols.Count));
        var names = new MemoryStream();
        var markers = new MemoryStream();
        for (var i = 0; i < _symbols.Count; i++)
        {
            if (i % 256 == 0)
                markers.Write(Word((uint)names.Length));
            var name = Compress(_symbols[i].Type + _symbols[i].Name, tokens);
            names.Write(name.Length <= 0x7f ? [(byte)name.Length] : [(byte)(name.Length & 0x7f | 0x80), (byte)(name.Length >> 7)]);
            names.Write(name);
        }

        var tokenTable = new MemoryStream();
        var tokenIndex = new MemoryStream();
        foreach (var token in tokens)
        {
            tokenIndex.Write([(byte)tokenTable.Length, (byte)(tokenTable.Length >> 8)]);
            tokenTable.Write(Encoding.ASCII.GetBytes(token));
            tokenTable.WriteByte(0);
        }

        var sequences = Padded([.. Enumerable.Range(0, _symbols.Count).OrderBy(i => _symbols[i].Name, StringComparer.Ordinal)
            .SelectMany(i => new[] { (byte)(i >> 16), (byte)(i >> 8), (byte)i })]);
        byte[] start = [.. number, .. Padded(names.ToArray()), .. Padded(markers.ToArray())];
        byte[] tokenBytes = [.. Padded(tokenTable.ToArray()), .. Padded(tokenIndex.ToArray())];
        var relativeBase = BitConverter.GetBytes(_symbols.First(s => s.Address >= Base).Address);
        return format switch
        {
            Format.Linux54 => [.. Padded(Offsets(format, 0)), .. relativeBase, .. start, .. tokenBytes],
            Format.Linux62 => [.. Padded(Offsets(format, 0)), .. relativeBase, .. start, .. sequences, .. tokenBytes],
            Format.Linux70 or Format.Linux72 =>
                [.. start, .. tokenBytes, .. Padded(Offsets(format, address + (ulong)(start.Length + tokenBytes.Length))), .. sequences],
            _ => [.. start, .. tokenBytes, .. Padded(Offsets(format, 0)), .. relativeBase, .. sequences],
        };
    }

    private byte[] Offsets(Format format, ulong address)
    {
        var lowest = _symbols.First(s => s.Address >= Base).Address;
        var words = _symbols.Select((symbol, i) => format switch
        {
            Format.Linux70 or Format.Linux72 => symbol.Address - (address + 4 * (ulong)i),
            Format.Linux615 => symbol.Address - lowest,
            _ => symbol.Address < Base ? symbol.Address : lowest - symbol.Address - 1,
        });
        return [.. words.SelectMany(word => Word((uint)word))];
    }

    /// <summary>Each character used stands for itself; some free places hold pieces of text, the others nothing.</summary>
    private string[] Tokens()
    {
        var used = _symbols.SelectMany(s => s.Name + s.Type).ToHashSet();
        string[] pieces = ["function_", "tfunction_1", "cpu", "__", "Tf"];
        var tokens = new string[256];
        for (int i = 0, next = 0; i < 256; i++)
            tokens[i] = used.Contains((char)i) ? ((char)i).ToString() : next < pieces.Length ? pieces[next++] : "";
        return tokens;
    }

    private static byte[] Compress(string text, string[] tokens)
    {
        var result = new List<byte>();
        while (text.Length != 0)
        {
            var best = Enumerable.Range(0, 256).Where(i => tokens[i].Length != 0 && text.StartsWith(tokens[i], StringComparison.Ordinal))
                .MaxBy(i => tokens[i].Length);
            result.Add((byte)best);
            text = text[tokens[best].Length..];
        }

        return [.. result];
    }

    private static byte[] Word(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }
}
