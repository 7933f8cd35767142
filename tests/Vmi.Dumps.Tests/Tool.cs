using System.Diagnostics;

namespace Vmi.Dumps.Tests;

/// <summary>Programs of others, which write what is read here or read what QEMU wrote.</summary>
internal static class Tool
{
    /// <summary>Runs a program and returns what it printed. It has to succeed.</summary>
    public static string Run(string tool, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(tool, arguments) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{tool} {string.Join(' ', arguments)} failed.");
        return output;
    }

    /// <summary>Runs a line of the shell, for redirections.</summary>
    public static string Shell(string line) => Run("sh", "-c", line);
}
