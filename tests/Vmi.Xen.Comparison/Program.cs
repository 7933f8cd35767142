using System.Globalization;
using System.Text.Json;
using Vmi.Guests;
using Vmi.Live.Tests;
using Xunit.Sdk;

namespace Vmi.Xen.Comparison;

/// <summary>
/// Compares what the <c>vmi</c> command said in dom0 of a running domain, and what it says here of that domain's <c>xl dump-core</c> file,
/// with what the guest printed: <c>Vmi.Xen.Comparison DIRECTORY VMI</c>. A line for each check, and last <c>N passed, N failed</c>.
/// </summary>
internal static class Program
{
    /// <summary>What guest.cfg and the guest's kernel make it.</summary>
    private static readonly GuestSpec Spec = new() { Name = "guest", Kernel = "6.1", MemoryMiB = 160 };

    private static int _passed, _failed;

    private static int Main(string[] arguments)
    {
        if (arguments is not [var directory, var vmi])
        {
            Console.Error.WriteLine("usage: Vmi.Xen.Comparison DIRECTORY VMI");
            return 2;
        }

        var truth = GuestTruth.Load(Path.Combine(directory, "truth"));
        var live = new RecordedAnswers(Path.Combine(directory, "live"));
        var dump = CommandComparisons.Asking(vmi, Path.Combine(directory, "core"));
        foreach (var compare in CommandComparisons.Main)
        {
            var name = compare.Method.Name["Compare".Length..].ToLowerInvariant();
            Check($"vmi {name} on xen: is what the guest printed", () => compare(live.Ask, Spec, truth));
            Check($"vmi {name} on an xl dump-core file is what the guest printed", () => compare(dump, Spec, truth));
        }

        Check("vmi registers says of the file what it says of the domain", () =>
            Assert.Equal(Text(live.Ask("registers")), Text(dump("registers"))));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_passed} passed, {_failed} failed"));
        return _failed == 0 ? 0 : 1;
    }

    private static string Text(JsonElement document) => JsonSerializer.Serialize(document);

    private static void Check(string name, Action check)
    {
        try
        {
            check();
            _passed++;
            Console.WriteLine($"ok {name}");
        }
        catch (Exception exception) when (exception is XunitException or IOException or JsonException or KeyNotFoundException
            or InvalidOperationException or GuestException)
        {
            _failed++;
            Console.WriteLine($"FAIL {name}: {exception.Message}");
        }
    }
}
