namespace Vmi.Linux;

/// <summary>
/// The kernel's code, `_stext` to `_etext`, is mapped to where the rest of its image lies, for the kernel only, and not writable: else
/// another copy of it is executed, or it can be patched.
/// </summary>
internal static class TextMappingCheck
{
    public static LinuxCheck Run(KernelReader kernel)
    {
        var result = new CheckResult();
        var (start, end) = (kernel.Symbol("_stext"), kernel.Symbol("_etext"));
        var facts = kernel.Kernel;
        if (start < facts.ImageBase || end > facts.ImageEnd || end < start)
        {
            result.Missing.Add($"the kernel's code, {start} to {end}, is not in its image");
            return result.ToCheck(LinuxCheckKind.TextMapping);
        }

        for (var at = start; at < end;)
        {
            // Of a part that is mapped by large pages each page of 4 KiB has the same answer.
            var step = (ulong)Frame.Size - (at.Value & (Frame.Size - 1));
            if (!kernel.Memory.TryTranslate(kernel.At(at), out var translation, out var fault))
            {
                result.Missing.Add(fault.ToString());
            }
            else
            {
                step = (1UL << translation.PageShift) - (at.Value & ((1UL << translation.PageShift) - 1));
                var symbol = facts.Profile.Resolve(at)?.ToString() ?? at.ToString();
                if (translation.Pa != facts.ImagePhysicalBase + (at - facts.ImageBase))
                    result.Found(at, $"the code at {symbol} is mapped to {translation.Pa}, not to where the kernel's image lies");
                if (translation.Writable)
                    result.Found(at, $"the code at {symbol} is writable");
                if (translation.User)
                    result.Found(at, $"the code at {symbol} is open to user mode");
            }

            at += step;
        }

        return result.ToCheck(LinuxCheckKind.TextMapping);
    }
}
