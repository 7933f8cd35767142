using System.Diagnostics;

namespace Vmi.Linux.Tests.Syscalls;

/// <summary>Programs of this machine: the outside proof of what the tables and the decoder say.</summary>
internal static class HostProgram
{
    /// <summary>Runs a program to its end; its output.</summary>
    public static (string Output, string Error) Run(string file, params string[] arguments)
    {
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{file} ended with {process.ExitCode}: {error.Result}");
        return (output, error.Result);
    }
}
