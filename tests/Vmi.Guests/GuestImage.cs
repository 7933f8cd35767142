namespace Vmi.Guests;

/// <summary>The files that a Linux guest boots from.</summary>
/// <param name="Kernel">The compressed kernel, as Debian ships it.</param>
/// <param name="Initramfs">The userland with its modules.</param>
public sealed record GuestImage(string Kernel, string Initramfs);
