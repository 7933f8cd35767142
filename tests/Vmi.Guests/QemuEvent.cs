namespace Vmi.Guests;

/// <summary>Something that QEMU told by itself.</summary>
/// <param name="Name">QMP's name of it, such as <c>STOP</c>.</param>
/// <param name="At">When it happened, since 1970.</param>
public readonly record struct QemuEvent(string Name, TimeSpan At);
