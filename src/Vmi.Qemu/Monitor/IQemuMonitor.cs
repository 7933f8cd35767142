using System.Text.Json;

namespace Vmi.Qemu;

/// <summary>A way to give commands to a running QEMU in its machine protocol (QMP). One command at a time, from any thread.</summary>
internal interface IQemuMonitor : IDisposable
{
    /// <summary>Where it is, for messages: a socket's path, a domain's name.</summary>
    string Name { get; }

    /// <summary>The process at the other end of the socket; null if there is no socket, or it does not say.</summary>
    int? PeerPid { get; }

    /// <summary>Why no command can succeed any more; null while the monitor works.</summary>
    string? Broken { get; }

    /// <summary>Grows whenever QEMU reports that the machine was reset.</summary>
    int ResetCount { get; }

    /// <summary>Grows whenever QEMU reports that the vCPUs were set going.</summary>
    int ResumeCount { get; }

    /// <summary>Carries a command out and returns what stands in `return`.</summary>
    /// <exception cref="VmiDriverException">The monitor is gone, does not answer in time, or refuses the command.</exception>
    JsonElement Execute(string command, params ReadOnlySpan<(string Name, string Value)> arguments);
}
