using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>
/// The types of modules as the kernel keeps them: the list `btf_modules` of `struct btf_module`, each with a `struct btf` (since 5.11, with
/// `CONFIG_DEBUG_INFO_BTF_MODULES`). `module.btf_data` itself is gone once the module is loaded.
/// </summary>
internal static class ModuleTypes
{
    /// <summary>The types of the module whose `struct module` is at an address; null if the kernel keeps none.</summary>
    /// <exception cref="VmiFormatException">What is there is not sound BTF.</exception>
    public static BtfTypes? Read(KernelReader kernel, Va module)
    {
        var profile = kernel.Kernel.Profile;
        if (!profile.TryGetSymbol("btf_modules", out var head) || !profile.TryGetField("btf_module", "list", out var link)
            || !profile.TryGetField("btf_module", "module", out var owner) || !profile.TryGetField("btf_module", "btf", out var btfAt)
            || !profile.TryGetField("btf", "data", out var dataAt) || !profile.TryGetField("btf", "data_size", out var sizeAt))
            return null;
        foreach (var entry in KernelList.Walk(kernel, head, link.Offset, "types of modules"))
        {
            if (!kernel.TryReadVa(entry + owner.Offset, out var its) || its != module)
                continue;
            if (!kernel.TryReadVa(entry + btfAt.Offset, out var btf) || !kernel.TryReadVa(btf + dataAt.Offset, out var data)
                || !kernel.TryReadUInt32(btf + sizeAt.Offset, out var size))
                throw new VmiFormatException($"The module's types at {entry} are not there.");
            if (size > (uint)kernel.Limits.TableBytes)
                throw new VmiFormatException($"The module says its types have {size} bytes; allowed are {kernel.Limits.TableBytes}.");
            // What can't be read costs no memory.
            Span<byte> last = stackalloc byte[1];
            if (size == 0 || !kernel.TryRead(data + (size - 1), last))
                throw new VmiFormatException($"The module's types at {data} are not there.");
            var blob = new byte[size];
            return kernel.TryRead(data, blob)
                ? BtfTypes.ParseSplit(blob, profile.Types, kernel.Limits)
                : throw new VmiFormatException($"The module's types at {data} are not there.");
        }

        return null;
    }
}
