using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Vmi.Qemu;

/// <summary>A process of the host, held so that a later process with the same pid is never taken for it.</summary>
internal sealed unsafe class HostProcess : IDisposable
{
    private const short PollIn = 1;

    private readonly SafeFileHandle _pidfd;

    private HostProcess(int pid, SafeFileHandle pidfd)
    {
        Pid = pid;
        _pidfd = pidfd;
    }

    public int Pid { get; }

    /// <summary>Whether it has not exited. A read of its memory counts only if this is still true afterwards.</summary>
    public bool IsAlive
    {
        get
        {
            var added = false;
            try
            {
                _pidfd.DangerousAddRef(ref added);
                var poll = new Native.PollFd { Fd = (int)_pidfd.DangerousGetHandle(), Events = PollIn };
                return Native.Poll(&poll, 1, 0) <= 0;
            }
            finally
            {
                if (added)
                    _pidfd.DangerousRelease();
            }
        }
    }

    /// <exception cref="VmiDriverException">There is no such process.</exception>
    public static HostProcess Open(int pid)
    {
        var descriptor = Native.PidfdOpen(pid);
        if (descriptor < 0)
            throw new VmiDriverException($"There is no process {pid}: look for running VMs with `vmi list`.");
        return new HostProcess(pid, new SafeFileHandle(descriptor, ownsHandle: true));
    }

    /// <summary>The file name of the program that a process runs, from `/proc/PID/exe`, or else from its command line; "" if neither is readable.</summary>
    public static string ProgramName(int pid)
    {
        var path = ProcFiles.Link(pid, "exe");
        if (path is null)
        {
            var line = ProcFiles.Read(pid, "cmdline");
            path = line.Split('\0', 2)[0];
        }
        // The kernel appends this to the name of a program whose file was replaced by an update.
        const string Deleted = " (deleted)";
        if (path.EndsWith(Deleted, StringComparison.Ordinal))
            path = path[..^Deleted.Length];
        return Path.GetFileName(path);
    }

    /// <summary>Whether a process runs a QEMU system emulator.</summary>
    public static bool IsQemu(int pid)
    {
        var name = ProgramName(pid);
        return name.StartsWith("qemu-system-", StringComparison.Ordinal) || name is "qemu-kvm" or "kvm";
    }

    /// <summary>The process that a thread belongs to (`Tgid` in `/proc/TID/status`); null if there is no such thread.</summary>
    public static int? OfThread(int thread)
    {
        foreach (var line in ProcFiles.Read(thread, "status").Split('\n'))
        {
            if (line.StartsWith("Tgid:", StringComparison.Ordinal)
                && int.TryParse(line.AsSpan(5).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var pid))
                return pid;
        }
        return null;
    }

    public void Dispose() => _pidfd.Dispose();
}
