using Vmi.Linux;
using Vmi.Targets;

namespace Vmi.Live.Tests;

/// <summary>Every figure of the Linux layer against what the guest printed, on the live guest and on each memory file.</summary>
public sealed class LinuxLiveTests(GuestFleet fleet)
{
    public static TheoryData<string, string> GuestsAndFormats
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var spec in Guests.GuestSpecs.All)
            {
                foreach (var format in FleetGuest.Formats(spec))
                    data.Add(spec.Name, format);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(GuestFleet.Names), MemberType = typeof(GuestFleet))]
    public void A_live_guest_is_what_it_printed(string name)
    {
        var guest = fleet[name];
        CompareAll(guest.Target, guest);
        Assert.True(guest.Guest.Monitor.IsRunning);
    }

    [Theory]
    [MemberData(nameof(GuestsAndFormats))]
    public void A_memory_file_is_what_the_guest_printed(string name, string format)
    {
        var guest = fleet[name];
        CompareAll(guest.Files.Single(file => file.EndsWith(name + format, StringComparison.Ordinal)), guest);
    }

    private static void CompareAll(string targetName, FleetGuest guest)
    {
        using var target = VmiTarget.Open(targetName);
        var session = LinuxOs.Introspect(target.Core);
        var failures = new List<Exception>();
        foreach (var (what, compare) in LinuxComparisons.All)
        {
            try
            {
                compare(session, guest.Truth);
            }
            catch (Exception exception)
            {
                failures.Add(new InvalidOperationException($"{targetName}: {what}: {exception.Message}", exception));
            }
        }

        if (failures.Count > 0)
            throw new AggregateException(failures);
    }
}
