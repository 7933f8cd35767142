using static Vmi.Xen.XenControl;

namespace Vmi.Xen;

/// <content>Frames: which exist, those that are added, the limit.</content>
internal sealed unsafe partial class XenDomain
{
    /// <summary>The most frames that <see cref="FrameTypes"/> is asked for at once.</summary>
    public const int MaxTypes = 1024;

    private const ulong TypeMask = 0xFUL << 28;   // XEN_DOMCTL_PFINFO_LTAB_MASK

    /// <summary>The highest frame number in use; the guest itself can raise it far beyond its memory.</summary>
    public ulong MaxGfn()
    {
        lock (_calls)
        {
            ulong gfn;
            Check(xc_domain_maximum_gpfn(Control, Id, &gfn), "asking for the highest frame");
            return gfn;
        }
    }

    /// <summary>Replaces each frame number by what is there.</summary>
    public void FrameTypes(Span<ulong> frames)
    {
        lock (_calls)
        {
            fixed (ulong* first = frames)
                Check(xc_get_pfn_type_batch(Control, Id, (uint)frames.Length, first), "asking for frames");
        }
    }

    /// <summary>Whether there is such a frame.</summary>
    public bool HasFrame(ulong gfn)
    {
        Span<ulong> one = [gfn];
        FrameTypes(one);
        return IsFrame(one[0]);
    }

    /// <summary>Whether a type is that of a frame that exists: not one of XTAB, XALLOC and BROKEN.</summary>
    public static bool IsFrame(ulong type) => (type & TypeMask) < 0xDUL << 28;

    /// <summary>Sets how many pages it may have.</summary>
    public void SetMaxPages(ulong pages)
    {
        lock (_calls)
            Check(xc_domain_setmaxmem(Control, Id, pages * (Frame.Size / 1024)), "setting the memory limit");
    }

    public void AddFrame(ulong gfn)
    {
        lock (_calls)
            Check(xc_domain_populate_physmap_exact(Control, Id, 1, 0, 0, &gfn), "adding a frame", tables: true);
    }

    public void RemoveFrame(ulong gfn)
    {
        lock (_calls)
            Check(xc_domain_decrease_reservation_exact(Control, Id, 1, 0, &gfn), "removing a frame");
    }
}
