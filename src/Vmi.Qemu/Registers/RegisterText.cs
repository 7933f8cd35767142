using System.Globalization;
using Vmi.Amd64;

namespace Vmi.Qemu;

/// <summary>
/// Reads the answer of `info registers -a`: `CPU#N`, then `NAME=VALUE` in hexadecimal, a segment with four values (selector, base,
/// limit, flags), a descriptor table with two (base, limit), a vector register with those of its size, the highest first. A vCPU in 16-
/// or 32-bit code shows EAX and EIP instead of RAX and RIP, and no R8 to R15 and XMM8 to XMM15.
/// </summary>
internal static class RegisterText
{
    /// <summary>What a monitor shows. The syscall MSRs and KERNEL_GS_BASE it does not.</summary>
    public const Amd64RegisterGroups Groups = Amd64RegisterGroups.General | Amd64RegisterGroups.Segments
        | Amd64RegisterGroups.DescriptorTables | Amd64RegisterGroups.Control | Amd64RegisterGroups.Debug | Amd64RegisterGroups.Efer
        | Amd64RegisterGroups.Sse;

    private const string Heading = "CPU#";
    private const int MaxVcpus = 65536;
    private const int SegmentValues = 4;
    private const int XmmDigits = 32;

    private static readonly string[] LegacyNames = ["AX", "CX", "DX", "BX", "SP", "BP", "SI", "DI"];

    /// <summary>The registers of each vCPU, in order.</summary>
    /// <exception cref="VmiDriverException">The text is not such an answer.</exception>
    public static IReadOnlyList<Amd64Registers> Parse(string text)
    {
        var vcpus = new List<Amd64Registers>();
        Dictionary<string, ulong[]>? values = null;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(Heading, StringComparison.Ordinal))
            {
                if (values is not null)
                    vcpus.Add(Build(values));
                if (vcpus.Count == MaxVcpus)
                    throw new VmiDriverException($"QEMU's `info registers` shows more than {MaxVcpus} vCPUs.");
                values = [];
            }
            else if (values is not null)
            {
                ParseLine(line, values);
            }
        }
        if (values is not null)
            vcpus.Add(Build(values));
        if (vcpus.Count == 0)
            throw new VmiDriverException("QEMU's `info registers` shows no vCPU.");
        return vcpus;
    }

    private static void ParseLine(ReadOnlySpan<char> line, Dictionary<string, ulong[]> values)
    {
        Span<ulong> words = stackalloc ulong[SegmentValues];
        for (var equals = line.IndexOf('='); equals >= 0;)
        {
            var before = line[..equals].TrimEnd(' ');
            var start = before.Length;
            while (start > 0 && char.IsAsciiLetterOrDigit(before[start - 1]))
                start--;
            var name = before[start..];
            line = line[(equals + 1)..];
            if (name is ['X' or 'Y' or 'Z', 'M', 'M', _, _])
            {
                if (TryXmm(line, words))
                    values.TryAdd($"X{name[1..]}", words[..2].ToArray());
                equals = line.IndexOf('=');
                continue;
            }
            var count = 0;
            var rest = line.TrimStart(' ');
            while (count < words.Length && TryWord(ref rest, out words[count]))
                count++;
            if (name.Length > 0 && count > 0)
                values.TryAdd(name.ToString(), words[..count].ToArray());
            equals = line.IndexOf('=');
        }
    }

    /// <summary>Takes a hexadecimal number off the front; a word that goes on as a name (`EBX=`) is none.</summary>
    private static bool TryWord(ref ReadOnlySpan<char> rest, out ulong word)
    {
        var length = 0;
        while (length < rest.Length && char.IsAsciiHexDigit(rest[length]))
            length++;
        if (!ulong.TryParse(rest[..length], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out word))
            return false;
        var after = rest[length..];
        if (after.Length > 0 && after[0] != ' ')
            return false;
        rest = after.TrimStart(' ');
        return true;
    }

    /// <summary>Takes the lower half, or quarter, of a vector register: two numbers; QEMU before 7.2 has no space between them.</summary>
    private static bool TryXmm(ReadOnlySpan<char> line, Span<ulong> words)
    {
        Span<char> digits = stackalloc char[4 * XmmDigits];
        var count = 0;
        foreach (var letter in line)
        {
            if (char.IsAsciiHexDigit(letter) && count < digits.Length)
                digits[count++] = letter;
            else if (letter != ' ')
                break;
        }
        if (count < XmmDigits)
            return false;
        var last = digits[(count - XmmDigits)..count];
        words[0] = ulong.Parse(last[..(XmmDigits / 2)], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        words[1] = ulong.Parse(last[(XmmDigits / 2)..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return true;
    }

    private static Amd64Registers Build(Dictionary<string, ulong[]> values)
    {
        var registers = new Amd64Registers(Groups);
        var prefix = values.ContainsKey("RIP") ? 'R' : 'E';
        for (var i = 0; i < LegacyNames.Length; i++)
            registers[(Amd64Register)((int)Amd64Register.Rax + i)] = Number(values, prefix + LegacyNames[i]);
        for (var i = 8; i < 16; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"R{i}");
            registers[(Amd64Register)((int)Amd64Register.R8 + i - 8)] = prefix == 'R' ? Number(values, name) : 0;
        }
        registers.Rip = Number(values, prefix + "IP");
        registers.Rflags = Number(values, prefix + "FL");

        registers.Cs = Segment(values, "CS");
        registers.Ds = Segment(values, "DS");
        registers.Es = Segment(values, "ES");
        registers.Fs = Segment(values, "FS");
        registers.Gs = Segment(values, "GS");
        registers.Ss = Segment(values, "SS");
        registers.Tr = Segment(values, "TR");
        registers.Ldtr = Segment(values, "LDT");
        registers.Gdtr = Table(values, "GDT");
        registers.Idtr = Table(values, "IDT");

        registers.Cr0 = Number(values, "CR0");
        registers.Cr2 = Number(values, "CR2");
        registers.Cr3 = Number(values, "CR3");
        registers.Cr4 = Number(values, "CR4");
        registers.Dr0 = Number(values, "DR0");
        registers.Dr1 = Number(values, "DR1");
        registers.Dr2 = Number(values, "DR2");
        registers.Dr3 = Number(values, "DR3");
        registers.Dr6 = Number(values, "DR6");
        registers.Dr7 = Number(values, "DR7");
        registers.Efer = Number(values, "EFER");
        registers.Mxcsr = Number(values, "MXCSR");
        for (var i = 0; i < 16; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"XMM{i:00}");
            var words = prefix == 'R' || i < 8 ? Words(values, name, 2) : [0, 0];
            registers.SetXmm((Amd64Register)((int)Amd64Register.Xmm0 + i), new UInt128(words[0], words[1]));
        }
        return registers;
    }

    private static ulong Number(Dictionary<string, ulong[]> values, string name) => Words(values, name, 1)[0];

    private static SegmentDescriptor Segment(Dictionary<string, ulong[]> values, string name)
    {
        var words = Words(values, name, SegmentValues);
        return new SegmentDescriptor((ushort)words[0], words[1], (uint)words[2], SegmentDescriptor.AccessOf((uint)words[3]));
    }

    private static DescriptorTableRegister Table(Dictionary<string, ulong[]> values, string name)
    {
        var words = Words(values, name, 2);
        return new DescriptorTableRegister(new Va(words[0]), (ushort)words[1]);
    }

    private static ulong[] Words(Dictionary<string, ulong[]> values, string name, int count) =>
        values.TryGetValue(name, out var words) && words.Length >= count
            ? words
            : throw new VmiDriverException($"QEMU's `info registers` has no {name}: is this an x86 machine?");
}
