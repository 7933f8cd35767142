namespace Vmi.Linux;

/// <summary>
/// Hidden modules: whichever is in the tree by which the kernel finds the module of an address, or in /sys/module, is in the list that
/// /proc/modules shows, and shown there; and whichever is in use is in /sys/module.
/// </summary>
internal sealed class ModuleCheck(KernelReader kernel)
{
    private const string Tree = "the tree of module addresses", Set = "/sys/module";

    private readonly CheckResult _result = new();

    public LinuxCheck Run()
    {
        if (!kernel.Kernel.Profile.TryGetSymbol("modules", out var head))
            return _result.ToCheck(LinuxCheckKind.Modules);
        var list = KernelList.Walk(kernel, head, kernel.Layouts.Module.List, "modules");
        _result.Missing.Add(list.Incomplete);
        var listed = list.ToHashSet();
        var inTree = InTree();
        var inSet = InSet();
        foreach (var module in inTree.Concat(inSet).Distinct().Where(module => !listed.Contains(module)))
        {
            string?[] all = [inTree.Contains(module) ? Tree : null, inSet.Contains(module) ? Set : null];
            var places = string.Join(" and ", all.OfType<string>());
            // One that is being loaded or freed is not formed; in /sys/module it is not yet, or no more.
            if (Read(module) is { } hidden && (hidden.State != LinuxModuleState.Unformed || inSet.Contains(module)))
                _result.Found(module, $"module {hidden.Name} is in {places}, and not in the list of modules");
        }

        foreach (var module in listed)
        {
            if (Read(module) is not { } shown)
                continue;
            if (shown.State == LinuxModuleState.Unformed && inSet.Contains(module))
                _result.Found(module, $"module {shown.Name} is in {Set}, and marked as not formed, which hides it from /proc/modules");
            if (shown.State == LinuxModuleState.Live && inSet.Count > 0 && !inSet.Contains(module))
                _result.Found(module, $"module {shown.Name} is in the list of modules, and not in {Set}");
        }

        return _result.ToCheck(LinuxCheckKind.Modules);
    }

    private HashSet<Va> InTree()
    {
        if (!kernel.Kernel.Profile.TryGetSymbol("mod_tree", out var tree))
        {
            _result.NotChecked($"{Tree}: this kernel has none");
            return [];
        }

        var layout = kernel.Layouts.ModuleTree;
        if (!kernel.TryReadVa(tree + layout.Root, out var root))
            _result.Missing.Add($"{Tree} is not there");
        var nodes = RedBlackTree.Walk(kernel, root, layout.Left, layout.Right, "module addresses");
        _result.Missing.Add(nodes.Incomplete);
        return Pointers(nodes.Select(node => node - layout.Node + layout.Module), Tree);
    }

    private HashSet<Va> InSet()
    {
        if (!kernel.Kernel.Profile.TryGetSymbol("module_kset", out var pointer))
        {
            _result.NotChecked($"{Set}: this kernel has none");
            return [];
        }

        var layout = kernel.Layouts.ModuleTree;
        if (!kernel.TryReadVa(pointer, out var set))
        {
            _result.Missing.Add($"{Set} is not there");
            return [];
        }

        var objects = KernelList.Walk(kernel, set + layout.Set, layout.SetLink, Set);
        _result.Missing.Add(objects.Incomplete);
        return Pointers(objects.Select(each => each + layout.SetModule), Set);
    }

    private HashSet<Va> Pointers(IEnumerable<Va> places, string what)
    {
        var found = new HashSet<Va>();
        foreach (var place in places)
        {
            if (!kernel.TryReadVa(place, out var module))
                _result.Missing.Add($"an entry of {what} at {place} is not there");
            else if (!module.IsNull)
                found.Add(module);
        }

        return found;
    }

    private LinuxModule? Read(Va address)
    {
        var module = LinuxModule.TryRead(kernel, address);
        if (module is null)
            _result.Missing.Add($"the module at {address} is not there");
        return module;
    }
}
