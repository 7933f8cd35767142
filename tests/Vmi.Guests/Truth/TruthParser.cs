using System.Globalization;
using System.Text;

namespace Vmi.Guests;

/// <summary>Reads the forms in which Linux prints things under <c>/proc</c>, and those of our own userland.</summary>
internal static class TruthParser
{
    private const uint WorkqueueWorker = 0x20, KernelThread = 0x00200000;
    private const int LongestName = 15;

    public static IEnumerable<string> Lines(byte[] file)
        => Encoding.UTF8.GetString(file).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public static TruthModule Module(string line)
    {
        string[] words = line.Split(' ');
        return new TruthModule(words[0], ulong.Parse(words[1], CultureInfo.InvariantCulture),
            int.Parse(words[2], CultureInfo.InvariantCulture),
            words[3] == "-" ? [] : words[3].Split(',', StringSplitOptions.RemoveEmptyEntries), words[4], Hex(words[5]));
    }

    public static TruthSymbol Symbol(string line)
    {
        // ADDRESS TYPE NAME[\t[MODULE]]
        int tab = line.IndexOf('\t', StringComparison.Ordinal);
        string name = tab < 0 ? line[19..] : line[19..tab];
        return new TruthSymbol(name, Hex(line.AsSpan(0, 16)), line[17], tab < 0 ? null : line[(tab + 2)..^1]);
    }

    public static TruthRange Range(string line)
    {
        int depth = line.TakeWhile(letter => letter == ' ').Count() / 2;
        int dash = line.IndexOf('-', StringComparison.Ordinal), colon = line.IndexOf(" : ", StringComparison.Ordinal);
        return new TruthRange(depth, Hex(line.AsSpan(depth * 2, dash - depth * 2)), Hex(line.AsSpan(dash + 1, colon - dash - 1)),
            line[(colon + 3)..]);
    }

    public static TruthPage Page(string line)
    {
        string[] words = line.Split(' ');
        return new TruthPage(int.Parse(words[0], CultureInfo.InvariantCulture), words[1], Hex(words[2]),
            words[3] == "absent" ? null : Hex(words[3]), Hex(words[4]));
    }

    public static TruthContent Content(string line)
    {
        string[] words = line.Split(' ');
        return new TruthContent(int.Parse(words[0], CultureInfo.InvariantCulture), words[1], words[2] == "utf16", Hex(words[3]),
            Convert.FromHexString(words[4]));
    }

    /// <summary><c>PRIORITY,SEQUENCE,MICROSECONDS,FLAGS;TEXT</c>; a line that begins with a blank adds to the record before.</summary>
    public static TruthLogRecord? LogRecord(string line)
    {
        int semicolon = line.IndexOf(';', StringComparison.Ordinal);
        if (semicolon < 0 || line[0] == ' ')
            return null;
        string[] fields = line[..semicolon].Split(',');
        int priority = int.Parse(fields[0], CultureInfo.InvariantCulture);
        return new TruthLogRecord(priority & 7, priority >> 3, ulong.Parse(fields[1], CultureInfo.InvariantCulture),
            ulong.Parse(fields[2], CultureInfo.InvariantCulture), line[(semicolon + 1)..]);
    }

    public static IEnumerable<TruthMapping> Mappings(byte[] maps)
    {
        foreach (byte[] line in SplitLines(maps))
        {
            // START-END PROTECTION OFFSET DEVICE INODE, then blanks up to the path.
            string text = Encoding.Latin1.GetString(line);
            string[] words = text.Split(' ', 6);
            int dash = words[0].IndexOf('-', StringComparison.Ordinal);
            string path = words.Length > 5 ? words[5].TrimStart(' ') : "";
            byte[] raw = Encoding.Latin1.GetBytes(path.Replace("\\012", "\n", StringComparison.Ordinal));
            yield return new TruthMapping(Hex(words[0].AsSpan(0, dash)), Hex(words[0].AsSpan(dash + 1)), words[1], Hex(words[2]), words[3],
                ulong.Parse(words[4], CultureInfo.InvariantCulture), raw);
        }
    }

    /// <summary>An open file: the link, and <c>pos</c> and <c>flags</c> (octal) of its <c>fdinfo</c>.</summary>
    public static TruthOpenFile OpenFile(int descriptor, byte[] link, string info)
    {
        return new TruthOpenFile(descriptor, TruthText.Decode(link), Convert.ToUInt32(Value("flags:"), 8),
            ulong.Parse(Value("pos:"), CultureInfo.InvariantCulture));

        string Value(string key) => info.Split('\n').First(line => line.StartsWith(key, StringComparison.Ordinal))[key.Length..].Trim();
    }

    /// <summary>A line of a table of <c>/proc/net</c>, by the columns that the kernel names in the first line.</summary>
    public static TruthSocket Socket(string table, string line)
    {
        string[] words = line.Split(' ', table == "unix" ? 8 : int.MaxValue, StringSplitOptions.RemoveEmptyEntries);
        (int inode, int[] shown) = table switch
        {
            "unix" => (6, [3, 4, 5, 7]),
            "netlink" => (9, [1, 2]),
            "packet" => (8, [2, 3, 4, 7]),
            _ => (9, new[] { 1, 2, 3, 7 }),
        };
        return new TruthSocket(ulong.Parse(words[inode], CultureInfo.InvariantCulture),
            string.Join(' ', shown.Where(at => at < words.Length).Select(at => words[at])));
    }

    /// <summary>A line of <c>mountinfo</c> (proc(5)); <c>-</c> ends the optional fields.</summary>
    public static TruthMount Mount(string line)
    {
        string[] words = [.. line.Split(' ').Select(Unescape)];
        int dash = Array.IndexOf(words, "-");
        return new TruthMount(int.Parse(words[0], CultureInfo.InvariantCulture), int.Parse(words[1], CultureInfo.InvariantCulture),
            words[2], words[3], words[4], words[5], string.Join(' ', words[6..dash]), words[dash + 1], words[dash + 2], words[dash + 3]);

        static string Unescape(string word) => word.Replace("\\040", " ", StringComparison.Ordinal)
            .Replace("\\012", "\n", StringComparison.Ordinal).Replace("\\134", "\\", StringComparison.Ordinal);
    }

    /// <summary>The fields of <c>stat</c> that follow the name; the first is the state, field 3 of proc(5).</summary>
    public static string[] StatFields(byte[] stat)
    {
        string text = Encoding.Latin1.GetString(stat);
        return text[(text.LastIndexOf(')') + 2)..].TrimEnd('\n').Split(' ');
    }

    /// <summary>A line of <c>status</c> that holds numbers, such as <c>Uid</c>.</summary>
    public static IReadOnlyList<int> StatusNumbers(byte[] status, string key)
        => [.. Encoding.Latin1.GetString(status).Split('\n')
            .First(line => line.StartsWith(key + ":\t", StringComparison.Ordinal))[(key.Length + 2)..]
            .Split('\t', StringSplitOptions.RemoveEmptyEntries).Select(number => int.Parse(number, CultureInfo.InvariantCulture))];

    /// <summary>How often a thread was switched away from, from its <c>status</c>.</summary>
    public static ulong Switches(byte[] status)
    {
        string[] lines = Encoding.Latin1.GetString(status).Split('\n');
        return Count("voluntary_ctxt_switches:") + Count("nonvoluntary_ctxt_switches:");

        ulong Count(string key) => ulong.Parse(
            lines.First(line => line.StartsWith(key, StringComparison.Ordinal))[key.Length..], CultureInfo.InvariantCulture);
    }

    /// <summary><c>[&lt;0&gt;] FUNCTION+OFFSET/SIZE</c> with <c>[MODULE]</c> behind it, or an address.</summary>
    public static TruthStackFrame StackFrame(string line)
    {
        string[] words = line.Split(' ');
        int plus = words[1].IndexOf('+', StringComparison.Ordinal), slash = words[1].IndexOf('/', StringComparison.Ordinal);
        return plus < 0
            ? new TruthStackFrame(null, 0, null)
            : new TruthStackFrame(words[1][..plus], Hex(words[1].AsSpan(plus + 1, slash - plus - 1)),
                words.Length > 2 ? words[2][1..^1] : null);
    }

    /// <summary>
    /// What of a shown name is in <c>task_struct.comm</c>: <c>/proc</c> shows a kernel thread's full name, and appends to a worker's
    /// name what it works for, after <c>-</c> or <c>+</c>.
    /// </summary>
    public static byte[] TaskName(byte[] shown, uint flags)
    {
        ReadOnlySpan<byte> name = shown;
        bool isWorker = (flags & WorkqueueWorker) != 0 && name.StartsWith("kworker/"u8) && !name.StartsWith("kworker/R-"u8);
        if (isWorker && name.IndexOfAny("-+"u8) is > 0 and int end)
            name = name[..end];
        if ((flags & KernelThread) != 0 && name.Length > LongestName)
            name = name[..LongestName];
        return name.ToArray();
    }

    public static ulong Hex(ReadOnlySpan<char> text)
        => ulong.Parse(text.StartsWith("0x") ? text[2..] : text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static IEnumerable<byte[]> SplitLines(byte[] file)
    {
        for (int start = 0; start < file.Length;)
        {
            int length = file.AsSpan(start).IndexOf((byte)'\n');
            yield return file.AsSpan(start, length).ToArray();
            start += length + 1;
        }
    }
}
