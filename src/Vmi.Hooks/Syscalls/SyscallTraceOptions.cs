using Vmi.Linux;

namespace Vmi.Hooks;

/// <summary>Which calls <see cref="SyscallTracer"/> reports: those that fit all that is said here.</summary>
public sealed record SyscallTraceOptions
{
    /// <summary>
    /// The calls, by the names that programs use, of 64-bit and 32-bit programs; null for all calls of 64-bit programs. Other calls run
    /// without a stop.
    /// </summary>
    public IReadOnlyCollection<string>? Syscalls { get; init; }

    /// <summary>The process that makes them.</summary>
    public ProcessId? Process { get; init; }

    /// <summary>The name of the thread that makes them, at the call's entry. Corresponds to `task_struct.comm`.</summary>
    public string? Name { get; init; }

    /// <summary>After how many calls it ends.</summary>
    public long Count { get; init; } = long.MaxValue;

    /// <summary>How much of the arguments is shown; null for the decoder's own choice.</summary>
    public SyscallDecoderOptions? Decoding { get; init; }
}
