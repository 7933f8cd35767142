namespace Vmi.Linux;

/// <summary>Who runs on a vCPU, in short: <see cref="LinuxThread"/> has all of it.</summary>
/// <param name="Process">The process. Corresponds to `task_struct.tgid`.</param>
/// <param name="Thread">The thread. Corresponds to `task_struct.pid`.</param>
/// <param name="Object">Its `task_struct`.</param>
/// <param name="Name">The thread's name, as <see cref="GuestText"/> has it. Corresponds to `task_struct.comm`.</param>
public readonly record struct LinuxTask(ProcessId Process, ThreadId Thread, ThreadObject Object, string Name);
