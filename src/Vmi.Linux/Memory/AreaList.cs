namespace Vmi.Linux;

/// <summary>The areas of a process as kernels before the maple tree have them: `mm_struct.mmap`, linked by `vm_next`.</summary>
internal static class AreaList
{
    public static VmiList<Va> Read(KernelReader kernel, Va first)
    {
        var link = kernel.Layouts.Vma.Next ?? kernel.Kernel.Profile.Field("vm_area_struct", "vm_next");
        var seen = new HashSet<Va>();
        var areas = new List<Va>();
        for (var at = first; !at.IsNull;)
        {
            if (!seen.Add(at))
                return new VmiList<Va>(areas, $"the list of regions goes in a circle at {at}");
            if (seen.Count > kernel.Limits.ListEntries)
                return new VmiList<Va>(areas, $"there are more than {kernel.Limits.ListEntries} regions");
            if (!kernel.TryReadVa(at + link.Offset, out var next))
                return new VmiList<Va>(areas, $"the vm_area_struct at {at} is not there");
            areas.Add(at);
            at = next;
        }

        return new VmiList<Va>(areas);
    }
}
