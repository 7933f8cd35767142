namespace Vmi.Linux;

/// <summary>Reads what /proc/PID/cmdline shows (proc(5)) out of the process's own memory.</summary>
internal static class ArgumentReader
{
    public static VmiList<string> Read(KernelReader kernel, AddressSpace space)
    {
        if (!space.TryGetRoot(out var root))
            return new VmiList<string>([], "its page tables are not there");
        var bytes = Bytes(kernel, (space.ArgStart, root), space.ArgEnd, "arguments", out var missing);
        // A program that wrote its title over its arguments, perhaps on into the environment: one string.
        return missing is null && bytes.Length > 0 && bytes[^1] != 0
            ? new VmiList<string>([Title(kernel, space, root)])
            : new VmiList<string>(Split(bytes), missing);
    }

    /// <summary>What /proc/PID/environ shows.</summary>
    public static VmiList<string> ReadEnvironment(KernelReader kernel, AddressSpace space)
    {
        if (!space.TryGetRoot(out var root))
            return new VmiList<string>([], "its page tables are not there");
        return new VmiList<string>(Split(Bytes(kernel, (space.EnvStart, root), space.EnvEnd, "environment", out var missing)), missing);
    }

    /// <summary>One line, without the empty arguments at the end: a program that overwrote its arguments leaves many.</summary>
    public static string Join(IReadOnlyList<string> arguments)
    {
        var count = arguments.Count;
        while (count > 0 && arguments[count - 1].Length == 0)
            count--;
        return string.Join(' ', arguments.Take(count));
    }

    /// <summary>The bytes up to an address, so far as they are there and no more than the limit.</summary>
    private static byte[] Bytes(KernelReader kernel, AddressContext start, Va end, string what, out string? missing)
    {
        missing = null;
        if (end <= start.Va)
            return [];
        var length = end - start.Va;
        if (length > (ulong)kernel.Limits.StringBytes)
        {
            missing = $"its {what} is cut at {kernel.Limits.StringBytes} bytes";
            length = (ulong)kernel.Limits.StringBytes;
        }

        var bytes = new byte[length];
        if (kernel.Memory.TryRead(start, bytes, out var fault))
            return bytes;
        missing ??= $"its {what} is not all there: {fault}";
        return bytes[..(int)(fault.Address - start.Va.Value)];
    }

    private static string Title(KernelReader kernel, AddressSpace space, Pa root)
    {
        var end = space.EnvStart == space.ArgEnd && space.EnvEnd > space.EnvStart ? space.EnvEnd : space.ArgEnd;
        var limit = (int)Math.Min(end - space.ArgStart, Frame.Size);
        kernel.Memory.TryReadStringBytes((space.ArgStart, root), limit, out var title, out _);
        return GuestText.Decode(title);
    }

    private static List<string> Split(ReadOnlySpan<byte> bytes)
    {
        // Each argument ends with a zero byte, so what follows the last one is none.
        var arguments = new List<string>();
        while (!bytes.IsEmpty)
        {
            var argument = GuestText.Terminated(bytes);
            arguments.Add(GuestText.Decode(argument));
            bytes = bytes[Math.Min(argument.Length + 1, bytes.Length)..];
        }

        return arguments;
    }
}
