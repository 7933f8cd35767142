using System.Globalization;
using Vmi.Cli.Tests;
using Vmi.Guests;

namespace Vmi.Live.Tests;

/// <summary>The driver of docs/writing-a-driver.md: its program, as a process, lists what the guest printed.</summary>
public sealed class ExampleDriverTests(GuestFleet fleet)
{
    private const long First = 48 << 20, Second = 49 << 20;

    private static readonly string Program = Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "..", "..", "WriteADriver", Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), "WriteADriver"));

    [Fact]
    public void A_memory_in_three_files_has_the_processes_that_the_guest_printed()
    {
        var guest = fleet[GuestSpecs.Small61.Name];
        var parts = Directory.CreateTempSubdirectory("vmi-parts");
        try
        {
            using (var raw = File.OpenRead($"{guest.Folder}/{GuestSpecs.Small61.Name}.raw"))
            {
                foreach (var (start, end) in ((long, long)[])[(0, First), (First, Second), (Second, raw.Length)])
                {
                    using var part = File.Create(string.Create(CultureInfo.InvariantCulture, $"{parts.FullName}/0x{start:x}.mem"));
                    var bytes = new byte[end - start];
                    raw.ReadExactly(bytes);
                    part.Write(bytes);
                }
            }

            var (exitCode, output, error) = VmiCommandLine.RunProgram(Program, parts.FullName);
            Assert.Equal((0, ""), (exitCode, error));
            var lines = output.Split('\n', StringSplitOptions.TrimEntries).ToHashSet();
            Assert.All(
                guest.Truth.Processes.Where(each => each.IsLasting && each.Name.All(char.IsAsciiLetterOrDigit)),
                each => Assert.Contains($"{each.Id} {each.Name}", lines));
        }
        finally
        {
            parts.Delete(recursive: true);
        }
    }
}
