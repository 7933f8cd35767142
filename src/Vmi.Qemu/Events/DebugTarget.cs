namespace Vmi.Qemu;

/// <summary>The VM that a <see cref="DebugSession"/> is set up in, as its driver knows it.</summary>
/// <param name="Name">The driver's name, for messages.</param>
/// <param name="Address">The text that attaches to it again.</param>
/// <param name="Monitor">Its monitor.</param>
/// <param name="Pid">The QEMU process.</param>
/// <param name="IsKvm">Whether it runs on KVM.</param>
/// <param name="Memory">Reads its memory.</param>
/// <param name="Options">How it was attached to.</param>
internal sealed record DebugTarget(
    string Name, string Address, IQemuMonitor Monitor, int Pid, bool IsKvm, IVmiRead Memory, QemuOptions Options);
