using System.Diagnostics.CodeAnalysis;

namespace Vmi.Linux;

/// <content>What it has open, where it works, what it was given.</content>
public sealed partial class LinuxProcess
{
    /// <summary>
    /// Its working directory, as /proc/PID/cwd shows it; null for a zombie, or if that memory is not there. Corresponds to `fs_struct.pwd`.
    /// </summary>
    public string? WorkingDirectory => DirectoryAt(_kernel.Layouts.File.WorkingPath);

    /// <summary>
    /// Its root directory, as /proc/PID/root shows it; null for a zombie, or if that memory is not there. Corresponds to `fs_struct.root`.
    /// </summary>
    public string? RootDirectory => DirectoryAt(_kernel.Layouts.File.RootPath);

    /// <summary>
    /// Its environment as it was started with, each `NAME=VALUE`, as /proc/PID/environ shows it; none for kernel threads and zombies. It
    /// lies in memory that it can write.
    /// </summary>
    public IVmiList<string> Environment()
    {
        using var operation = _kernel.Memory.BeginOperation();
        if (_task.IsKernelThread || _task.Mm.IsNull)
            return new VmiList<string>([]);
        return AddressSpace.TryRead(_kernel, _task.Mm) is { } space
            ? ArgumentReader.ReadEnvironment(_kernel, space)
            : new VmiList<string>([], $"its mm_struct at {_task.Mm} is not there");
    }

    /// <summary>Its open files by descriptor, as /proc/PID/fd lists them; none for a zombie.</summary>
    /// <exception cref="Symbols.ProfileException">The kernel lacks a type that is needed.</exception>
    public IVmiList<LinuxOpenFile> Files()
    {
        using var operation = _kernel.Memory.BeginOperation();
        return DescriptorTable.Read(_kernel, new PathReader(_kernel), _task.Files);
    }

    /// <summary>The program that it executes, removed or not; null for a process without one, or if that memory is not there.</summary>
    public LinuxCachedFile? ExecutableFile()
    {
        using var operation = _kernel.Memory.BeginOperation();
        return AddressSpace.TryRead(_kernel, _task.Mm) is { ExeFile.IsNull: false } space
            ? new PathReader(_kernel).Read(space.ExeFile)?.ToCachedFile(_kernel) : null;
    }

    /// <summary>
    /// Looks a path up as the process would, from its root directory on and across what is mounted in its namespace, in the kernel's cache
    /// of names: what nobody used for long is not there.
    /// </summary>
    /// <param name="path">The path; symbolic links are followed. Bytes that are not UTF-8 are escaped `\xNN`.</param>
    /// <param name="file">What is there.</param>
    /// <param name="reason">Why nothing was found.</param>
    /// <returns>Whether something was found.</returns>
    /// <exception cref="Symbols.ProfileException">The kernel lacks a type that is needed.</exception>
    public bool TryFindFile(
        string path, [NotNullWhen(true)] out LinuxCachedFile? file, [NotNullWhen(false)] out string? reason)
    {
        ArgumentNullException.ThrowIfNull(path);
        using var operation = _kernel.Memory.BeginOperation();
        file = null;
        reason = "the process has no root directory, or it is not there";
        if (!_task.Fs.IsNull && new PathReader(_kernel).ReadPlace(_task.Fs + _kernel.Layouts.File.RootPath) is { } root)
            file = new PathFinder(_kernel).Find(root, path, out reason);
        return file is not null;
    }

    /// <summary>
    /// The sockets among its open files, by descriptor. What no process holds is not among them: connections that wait to be accepted, or
    /// for their end.
    /// </summary>
    /// <exception cref="Symbols.ProfileException">The kernel lacks a type that is needed.</exception>
    public IVmiList<LinuxSocket> Sockets()
    {
        using var operation = _kernel.Memory.BeginOperation();
        return new SocketReader(_kernel).Read(Files());
    }

    /// <summary>
    /// The mounts that it sees below its root directory, in the order of /proc/PID/mountinfo; none for a zombie.
    /// </summary>
    /// <exception cref="Symbols.ProfileException">The kernel lacks a type that is needed.</exception>
    public IVmiList<LinuxMount> Mounts()
    {
        using var operation = _kernel.Memory.BeginOperation();
        return new MountReader(_kernel).Read(_task);
    }

    private string? DirectoryAt(ulong path)
    {
        using var operation = _kernel.Memory.BeginOperation();
        return _task.Fs.IsNull ? null : new PathReader(_kernel).ReadPath(_task.Fs + path);
    }

    /// <summary>Its namespaces, its numbers in them, and its control group.</summary>
    /// <exception cref="TranslationFaultException">Its `task_struct` is not there.</exception>
    /// <exception cref="Symbols.ProfileException">The kernel lacks a type that is needed.</exception>
    public LinuxNamespaces Namespaces()
    {
        using var operation = _kernel.Memory.BeginOperation();
        return new NamespaceReader(_kernel).Read(Object.Va);
    }
}
