namespace Vmi.Linux;

/// <summary>The kernel's own file, where the guest has it in its page cache: it was installed, checked or copied since the boot.</summary>
internal static class CachedKernelFile
{
    /// <summary>The file.</summary>
    /// <param name="kernel">What reads.</param>
    /// <param name="release">The kernel's release.</param>
    /// <param name="reason">Why there is none.</param>
    public static LinuxKernelFile? Find(KernelReader kernel, string? release, out string reason)
    {
        reason = "the kernel's file is not in the guest's page cache, and was not given";
        var root = new PathReader(kernel).FindRoot();
        string[] places =
            [$"/boot/vmlinuz-{release}", $"/lib/modules/{release}/vmlinuz", $"/boot/vmlinux-{release}", "/boot/vmlinuz", "/vmlinuz"];
        foreach (var place in places)
        {
            if (new PathFinder(kernel).Find(root, place, out _) is not { Kind: LinuxFileKind.Regular } file)
                continue;
            if (TryLoad(kernel, file, out var why) is { } loaded)
                return loaded;
            reason = $"the kernel's file {file.Path} is in the guest's page cache, but {why}; none was given";
        }

        return null;
    }

    private static LinuxKernelFile? TryLoad(KernelReader kernel, LinuxCachedFile file, out string? why)
    {
        var content = file.Content();
        why = content.Incomplete ?? (content.Size > (ulong)kernel.Limits.TableBytes ? "too large"
            : content.Missing.Count > 0 ? "not all of it" : null);
        if (why is not null)
            return null;
        using var copy = new MemoryStream();
        if (content.CopyTo(copy).Count > 0)
        {
            why = "not all of it";
            return null;
        }

        try
        {
            copy.Position = 0;
            return LinuxKernelFile.Load(copy, kernel.Limits);
        }
        catch (VmiFormatException exception)
        {
            why = $"it can't be used: {exception.Message}";
            return null;
        }
    }
}
