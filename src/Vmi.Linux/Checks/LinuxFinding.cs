namespace Vmi.Linux;

/// <summary>Something that a kernel which nobody changed does not have.</summary>
/// <param name="Address">What is concerned: a `task_struct`, a `struct module`, a handler, a page of code.</param>
/// <param name="Description">One line.</param>
public sealed record LinuxFinding(Va Address, string Description);
