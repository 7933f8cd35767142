using System.Diagnostics;

namespace Vmi.Xen.Tests;

/// <summary>Asks the C compiler what Xen's own headers say.</summary>
internal static class Headers
{
    private static string Cache => Path.Combine(
        Environment.GetEnvironmentVariable("VMI_CACHE") is { Length: > 0 } cache
            ? cache
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache/vmi"),
        "xen-headers");

    /// <summary>The values of C expressions, each a number known when compiled.</summary>
    public static Dictionary<string, long> Evaluate(string version, IEnumerable<string> expressions)
    {
        var include = Path.Combine(Cache, version);
        Assert.True(
            File.Exists(Path.Combine(include, "xenctrl.h")), $"There are no headers of Xen {version} in {include}: run eng/install.sh.");
        var directory = Directory.CreateTempSubdirectory("vmi-xen-");
        try
        {
            var source = Path.Combine(directory.FullName, "values.c");
            var program = Path.Combine(directory.FullName, "values");
            File.WriteAllText(source, "#include <stddef.h>\n#include <stdio.h>\n#include <xenctrl.h>\n#include <xen/vm_event.h>\n"
                + "#include <xen/hvm/params.h>\n#include <xen/hvm/save.h>\nint main(void) {\n"
                + string.Concat(expressions.Select(each => $"    printf(\"%s=%lld\\n\", \"{each}\", (long long)({each}));\n")) + "}\n");
            Run("gcc", "-w", "-D__XEN_TOOLS__", $"-I{include}", "-o", program, source);
            return Run(program).Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split('=', 2))
                .ToDictionary(pair => pair[0], pair => long.Parse(pair[1], System.Globalization.CultureInfo.InvariantCulture));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static string Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors.Result);
        return output;
    }
}
