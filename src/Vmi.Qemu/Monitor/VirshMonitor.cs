using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Vmi.Qemu;

/// <summary>The monitor of a libvirt domain, which libvirt keeps for itself: each command is passed through `virsh qemu-monitor-command`.</summary>
internal sealed class VirshMonitor : IQemuMonitor
{
    private readonly string _domain;
    private readonly string _virsh;
    private readonly TimeSpan _timeout;
    private readonly Lock _commands = new();
    private long _id;

    /// <exception cref="VmiDriverException">The name can't be a domain's.</exception>
    public VirshMonitor(string domain, string virsh, TimeSpan timeout)
    {
        if (domain.StartsWith('-'))
            throw new VmiDriverException($"`{domain}` is no name of a libvirt domain: list them with `virsh list`.");
        _domain = domain;
        _virsh = virsh;
        _timeout = timeout;
    }

    public string Name => $"libvirt domain {_domain}";

    public int? PeerPid => null;

    public string? Broken { get; private set; }

    // virsh passes no events on.
    public int ResetCount => 0;

    public int ResumeCount => 0;

    public JsonElement Execute(string command, params ReadOnlySpan<(string Name, string Value)> arguments)
    {
        lock (_commands)
        {
            if (Broken is { } reason)
                throw new VmiDriverException($"No monitor any more: {reason}.");
            var message = Encoding.UTF8.GetString(QmpMessage.Command(command, ++_id, arguments)).TrimEnd();
            try
            {
                using var answer = JsonDocument.Parse(Run(command, message));
                return QmpMessage.Result(answer.RootElement, command);
            }
            catch (JsonException)
            {
                throw QmpMessage.Unexpected(command);
            }
        }
    }

    public void Dispose() => Broken ??= $"{Name} was closed by this program";

    private string Run(string command, string message)
    {
        using var process = Start(message);
        process.StandardInput.Close();
        var errors = ReadAsync(process.StandardError);
        var output = ReadAsync(process.StandardOutput);
        try
        {
            if (!Task.WaitAll([errors, output], _timeout) || !process.WaitForExit(_timeout))
                throw new VmiDriverException($"`{_virsh}` did not answer `{command}` within {_timeout.TotalSeconds:0.#} s.");
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
        if (process.ExitCode != 0)
            throw new VmiDriverException($"`{_virsh}` can't reach {Name}: {errors.Result.ReplaceLineEndings(" ").Trim()}");
        return output.Result;
    }

    private Process Start(string message)
    {
        var start = new ProcessStartInfo(_virsh)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { "qemu-monitor-command", _domain, message },
        };
        try
        {
            return Process.Start(start) ?? throw new VmiDriverException($"`{_virsh}` can't be started.");
        }
        catch (Win32Exception error)
        {
            throw new VmiDriverException($"`{_virsh}` can't be started ({error.Message}): install libvirt-clients.", error);
        }
    }

    /// <summary>Reads to the end; what is longer than any answer is cut off, which makes it invalid.</summary>
    private static async Task<string> ReadAsync(StreamReader reader)
    {
        var text = new StringBuilder();
        var block = new char[16384];
        for (int count; (count = await reader.ReadAsync(block).ConfigureAwait(false)) > 0;)
        {
            if (text.Length + count <= QmpFramer.MaxLength)
                text.Append(block, 0, count);
        }
        return text.ToString();
    }
}
