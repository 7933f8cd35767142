namespace Vmi.Xen;

/// <summary>`xenmem_access_t`: the rights of a frame.</summary>
internal static class XenAccess
{
    /// <summary>XENMEM_access_rwx.</summary>
    public const int All = 7;

    /// <summary>XENMEM_access_rx2rw: to execute until the first write, then to write.</summary>
    public const int ReadExecuteUntilWrite = 8;

    /// <summary>XENMEM_access_n2rwx: nothing until the first touch, then all.</summary>
    public const int NoneUntilTouch = 9;

    /// <summary>XENMEM_access_r_pw. Before Xen 4.18 the number means the domain's default.</summary>
    public const int ReadWithPageWalkUpdates = 10;

    /// <summary>The numbers of the plain rights are those of the flags read, write and execute.</summary>
    public static int Of(MemoryAccess access, MemoryAccessOptions options) =>
        options == MemoryAccessOptions.IgnorePageWalkUpdates ? ReadWithPageWalkUpdates : (int)access;

    /// <summary>What Xen says of a frame.</summary>
    public static (MemoryAccess Access, MemoryAccessOptions Options) From(int value) => value switch
    {
        ReadExecuteUntilWrite => (MemoryAccess.ReadExecute, MemoryAccessOptions.None),
        NoneUntilTouch => (MemoryAccess.None, MemoryAccessOptions.None),
        ReadWithPageWalkUpdates => (MemoryAccess.Read, MemoryAccessOptions.IgnorePageWalkUpdates),
        _ => ((MemoryAccess)(value & All), MemoryAccessOptions.None),
    };
}
