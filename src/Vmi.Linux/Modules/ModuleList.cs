namespace Vmi.Linux;

/// <summary>The modules that /proc/modules lists, in its order: the kernel's list `modules`.</summary>
internal static class ModuleList
{
    public static VmiList<LinuxModule> Read(KernelReader kernel)
    {
        // A kernel built without modules has no such symbol.
        if (!kernel.Kernel.Profile.TryGetSymbol("modules", out var head))
            return new VmiList<LinuxModule>([]);
        using var operation = kernel.Memory.BeginOperation();
        var found = KernelList.Walk(kernel, head, kernel.Layouts.Module.List, "modules");
        var missing = new Shortfall();
        missing.Add(found.Incomplete);
        var modules = new List<LinuxModule>(found.Count);
        foreach (var address in found)
        {
            if (LinuxModule.TryRead(kernel, address) is not { } module)
                missing.Add($"the module at {address} is not there");
            else if (module.State != LinuxModuleState.Unformed)
                modules.Add(module);
        }

        return new VmiList<LinuxModule>(modules, missing.ToString());
    }
}
