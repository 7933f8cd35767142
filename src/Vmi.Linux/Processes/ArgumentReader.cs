namespace Vmi.Linux;

/// <summary>Reads what /proc/PID/cmdline shows (proc(5)) out of the process's own memory.</summary>
internal static class ArgumentReader
{
    public static VmiList<string> Read(KernelReader kernel, AddressSpace space)
    {
        if (space.ArgEnd <= space.ArgStart)
            return new VmiList<string>([]);
        if (!space.TryGetRoot(out var root))
            return new VmiList<string>([], "its page tables are not there");

        var missing = new Shortfall();
        var length = space.ArgEnd - space.ArgStart;
        if (length > (ulong)kernel.Limits.StringBytes)
        {
            missing.Add($"its arguments are cut at {kernel.Limits.StringBytes} bytes");
            length = (ulong)kernel.Limits.StringBytes;
        }

        var bytes = new byte[length];
        if (!kernel.Memory.TryRead((space.ArgStart, root), bytes, out var fault))
        {
            missing.Add($"its arguments are not all there: {fault}");
            bytes = bytes[..(int)(fault.Address - space.ArgStart.Value)];
        }
        else if (bytes[^1] != 0 && missing.ToString() is null)
        {
            // A program that wrote its title over its arguments, perhaps on into the environment: one string.
            return new VmiList<string>([Title(kernel, space, root)]);
        }

        return new VmiList<string>(Split(bytes), missing.ToString());
    }

    /// <summary>One line, without the empty arguments at the end: a program that overwrote its arguments leaves many.</summary>
    public static string Join(IReadOnlyList<string> arguments)
    {
        var count = arguments.Count;
        while (count > 0 && arguments[count - 1].Length == 0)
            count--;
        return string.Join(' ', arguments.Take(count));
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
