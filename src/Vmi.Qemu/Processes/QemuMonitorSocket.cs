namespace Vmi.Qemu;

/// <summary>A monitor of a QEMU, as its command line has it.</summary>
/// <param name="Kind">What it speaks.</param>
/// <param name="Path">
/// The unix socket's path as it can be opened from here, `@` first for an abstract one; null if the monitor is no unix socket with a
/// path (libvirt hands QEMU an open one).
/// </param>
/// <param name="Device">What the command line says: "unix:/run/vm.sock,server=on".</param>
public sealed record QemuMonitorSocket(QemuMonitorKind Kind, string? Path, string Device);
