namespace Vmi.Guests;

/// <summary>What QEMU keeps a guest's memory in.</summary>
public enum GuestBacking
{
    /// <summary>QEMU's own private memory; nobody else can map it.</summary>
    Anonymous,

    /// <summary>A memfd that is shared, so that it can be mapped through QEMU's <c>/proc/PID/fd</c>.</summary>
    SharedMemfd,

    /// <summary>A file that is shared.</summary>
    SharedFile,
}
