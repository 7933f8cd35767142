namespace Vmi.Guests;

/// <summary>A process (thread group), from the guest's <c>/proc/PID</c>.</summary>
public sealed record TruthProcess
{
    /// <summary>The process id; also its thread group's.</summary>
    public required int Id { get; init; }

    /// <summary>The parent's process id.</summary>
    public required int ParentId { get; init; }

    /// <summary>
    /// What the process was started as in the zoo, such as <c>secrets</c>; null for every other process, descendants of those included.
    /// </summary>
    public required string? Role { get; init; }

    /// <summary>The name as <c>task_struct.comm</c> has it: what <c>/proc</c> adds for kernel threads is cut off.</summary>
    public required byte[] RawName { get; init; }

    /// <summary>The name as <c>/proc/PID/comm</c> has it.</summary>
    public required byte[] ShownName { get; init; }

    /// <summary>The state's letter. The printer (pid 1) shows itself running; it sleeps ever after.</summary>
    public required char State { get; init; }

    /// <summary><c>task_struct.flags</c>.</summary>
    public required uint Flags { get; init; }

    /// <summary>When it started, in hundredths of a second since boot.</summary>
    public required ulong StartTicks { get; init; }

    /// <summary>Real, effective, saved and file-system user id.</summary>
    public required IReadOnlyList<int> UserIds { get; init; }

    /// <summary>Real, effective, saved and file-system group id.</summary>
    public required IReadOnlyList<int> GroupIds { get; init; }

    /// <summary>The arguments as they lie in memory, each with a NUL after it; empty for kernel threads and zombies.</summary>
    public required byte[] RawCommandLine { get; init; }

    /// <summary>The executable's path; null for kernel threads and zombies.</summary>
    public required byte[]? RawExecutable { get; init; }

    /// <summary>The working directory's path; null for zombies.</summary>
    public required byte[]? RawWorkingDirectory { get; init; }

    /// <summary>The root directory's path, as seen from the system's root; null for zombies.</summary>
    public required byte[]? RawRoot { get; init; }

    /// <summary>The environment as it lies in memory, each entry with a NUL after it.</summary>
    public required byte[] RawEnvironment { get; init; }

    /// <summary>The open files, by descriptor; none of the printer.</summary>
    public required IReadOnlyList<TruthOpenFile> Files { get; init; }

    /// <summary>The mounts that it sees, in order; none of a zombie.</summary>
    public required IReadOnlyList<TruthMount> Mounts { get; init; }

    /// <summary>The memory map, in order; empty for kernel threads and zombies.</summary>
    public required IReadOnlyList<TruthMapping> Mappings { get; init; }

    /// <summary>The threads, the leader among them, by id.</summary>
    public required IReadOnlyList<TruthThread> Threads { get; init; }

    /// <summary><see cref="RawName"/> as text; bytes that are not UTF-8 are escaped <c>\xNN</c>.</summary>
    public string Name => TruthText.Decode(RawName);

    /// <summary>Whether it is a kernel thread (<c>PF_KTHREAD</c>).</summary>
    public bool IsKernelThread => (Flags & 0x00200000) != 0;

    /// <summary>Whether it is a zombie: it ended, or its leader did.</summary>
    public bool IsZombie => State == 'Z';

    /// <summary>Whether it stays as it was printed for as long as the guest rests. Kernel workers come, go and are renamed.</summary>
    public bool IsLasting => !IsKernelThread || !Name.StartsWith("kworker/", StringComparison.Ordinal);

    /// <summary>The executable's path as text, or null.</summary>
    public string? Executable => RawExecutable is null ? null : TruthText.Decode(RawExecutable);

    /// <summary>The working directory's path as text, or null.</summary>
    public string? WorkingDirectory => RawWorkingDirectory is null ? null : TruthText.Decode(RawWorkingDirectory);

    /// <summary>The root directory's path as text, or null.</summary>
    public string? Root => RawRoot is null ? null : TruthText.Decode(RawRoot);

    /// <summary>The environment as text, one entry each.</summary>
    public IReadOnlyList<string> Environment => RawEnvironment.Length == 0 ? [] : TruthText.Decode(RawEnvironment)[..^1].Split('\0');

    /// <summary>The arguments as text, one by one. An argument without a NUL after it counts too.</summary>
    public IReadOnlyList<string> Arguments
    {
        get
        {
            if (RawCommandLine.Length == 0)
                return [];
            string text = TruthText.Decode(RawCommandLine);
            return (text[^1] == '\0' ? text[..^1] : text).Split('\0');
        }
    }
}
