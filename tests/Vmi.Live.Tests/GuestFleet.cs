using Vmi.Guests;

[assembly: AssemblyFixture(typeof(Vmi.Live.Tests.GuestFleet))]

// The guests are shared, and a monitor serves one client at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Vmi.Live.Tests;

/// <summary>
/// The four standard guests, booted once for all tests when the first one is asked for, two at a time, and gone with the last test.
/// </summary>
public sealed class GuestFleet : IDisposable
{
    private readonly Lazy<Dictionary<string, Task<FleetGuest>>> _guests;
    private readonly SemaphoreSlim _boots = new(2);
    private readonly CancellationTokenSource _stopping = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vmi-live-");

    private FleetGuest? _awake;

    public GuestFleet()
        => _guests = new(() => GuestSpecs.All.ToDictionary(spec => spec.Name, spec => Task.Run(() => Boot(spec))));

    /// <summary>The names of all guests, for theories.</summary>
    public static TheoryData<string> Names => [.. GuestSpecs.All.Select(spec => spec.Name)];

    /// <summary>A guest, which runs; waits until it has booted. The others stand still meanwhile: two of them never rest by themselves.</summary>
    public FleetGuest this[string name]
    {
        get
        {
            var asked = _guests.Value[name].GetAwaiter().GetResult();
            if (asked == _awake)
                return asked;
            _awake = asked;
            foreach (var other in _guests.Value.Values.Where(each => each.IsCompletedSuccessfully).Select(each => each.Result))
                other.Guest.Monitor.Execute(other == asked ? "cont" : "stop");
            return asked;
        }
    }

    public void Dispose()
    {
        _stopping.Cancel();
        foreach (var boot in _guests.IsValueCreated ? _guests.Value.Values.ToList() : [])
        {
            try
            {
                boot.GetAwaiter().GetResult().Dispose();
            }
            catch (Exception exception) when (exception is OperationCanceledException or GuestException)
            {
                // It never came up; whoever asked for it was told.
            }
        }

        _folder.Delete(recursive: true);
        _boots.Dispose();
        _stopping.Dispose();
    }

    private async Task<FleetGuest> Boot(GuestSpec spec)
    {
        await _boots.WaitAsync(_stopping.Token);
        try
        {
            return new FleetGuest(RunningGuest.Boot(spec, _stopping.Token), spec, _folder.FullName);
        }
        finally
        {
            _boots.Release();
        }
    }
}
