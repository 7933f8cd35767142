namespace Vmi.Xen;

/// <summary>The domains that run on this host.</summary>
public static class XenDomainList
{
    /// <summary>Whether this is a system that controls Xen's domains: dom0.</summary>
    public static bool IsDom0 => File.Exists("/proc/xen/privcmd") || File.Exists("/dev/xen/privcmd");

    /// <summary>All but dom0.</summary>
    /// <exception cref="VmiDriverException">Xen is not installed or does not run here, or there is no right.</exception>
    public static IReadOnlyList<XenDomainEntry> Read()
    {
        var entries = new List<XenDomainEntry>();
        foreach (var info in XenDomain.List())
        {
            if (info.Domain == 0)
                continue;
            var canRead = (info.Flags & (DomainInfo.Hvm | DomainInfo.Hap | DomainInfo.Dying)) == (DomainInfo.Hvm | DomainInfo.Hap);
            entries.Add(new XenDomainEntry(info.Domain, XenStore.NameOf(info.Domain), info.Pages << Frame.Shift, canRead));
        }

        return entries;
    }
}
