namespace Vmi.Qemu;

/// <summary>What a <see cref="QemuTarget"/> names.</summary>
internal enum QemuTargetKind
{
    Socket,
    Process,
    Name,
    Libvirt,
}
