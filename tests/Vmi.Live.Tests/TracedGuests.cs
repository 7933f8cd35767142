using Vmi.Guests;

[assembly: AssemblyFixture(typeof(Vmi.Live.Tests.TracedGuests))]

namespace Vmi.Live.Tests;

/// <summary>The guests whose programs are traced: each booted when it is first asked for, and gone with the last test.</summary>
public sealed class TracedGuests : IDisposable
{
    private readonly Dictionary<string, RunningGuest> _guests = [];

    /// <summary>The names of all guests, for theories.</summary>
    public static TheoryData<string> Names => [.. GuestSpecs.Traced.Select(spec => spec.Name)];

    /// <summary>A guest; boots it anew if a test has ended it or left its puppet without an answer.</summary>
    public RunningGuest this[string name]
    {
        get
        {
            if (_guests.TryGetValue(name, out var guest) && !guest.HasExited && guest.Control.IsUsable)
                return guest;
            if (_guests.Remove(name))
                guest!.Dispose();
            return _guests[name] = RunningGuest.Boot(GuestSpecs.Find(name));
        }
    }

    public void Dispose()
    {
        foreach (var guest in _guests.Values)
            guest.Dispose();
    }
}
