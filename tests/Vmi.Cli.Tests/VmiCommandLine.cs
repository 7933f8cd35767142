using System.Diagnostics;

namespace Vmi.Cli.Tests;

/// <summary>Runs the real command as a process of its own.</summary>
internal static class VmiCommandLine
{
    public static (int ExitCode, string Output, string Error) Run(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // The command's own assembly lies beside the tests.
        start.ArgumentList.Add(Directory.EnumerateFiles(AppContext.BaseDirectory, "*mi*.dll")
            .Single(path => Path.GetFileName(path) is "vmi.dll" or "Vmi.Cli.dll"));
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.GetAwaiter().GetResult());
    }
}
