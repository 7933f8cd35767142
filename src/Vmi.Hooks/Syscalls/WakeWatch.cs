using Vmi.Linux;

namespace Vmi.Hooks;

/// <summary>
/// Tells when one of some sleeping threads goes on, by breakpoints where each of them called the scheduler. While they sleep nothing else
/// of them has to be watched.
/// </summary>
/// <param name="breakpoints">Where they are set.</param>
/// <param name="kernelRoot">What kernel addresses are translated by.</param>
internal sealed class WakeWatch(Breakpoints breakpoints, Pa kernelRoot)
{
    // More than those are not worth looking at, at each stop.
    private const int MostThreads = 32;

    private readonly List<Breakpoint> _places = [];

    /// <summary>Whether it is set.</summary>
    public bool IsSet => _places.Count > 0;

    /// <summary>Whether a hit is of a place where one of the threads, or another one, goes on.</summary>
    public bool IsPlace(Breakpoint hit) => _places.Contains(hit);

    /// <summary>Sets the breakpoints; false if not all of the threads sleep.</summary>
    public bool TrySet(VmiContext<LinuxOs> vmi, IReadOnlyCollection<TracedSyscall> calls)
    {
        if (calls.Count > MostThreads)
            return false;
        var places = new HashSet<AddressContext>();
        foreach (var call in calls)
        {
            if (TryFindPlace(vmi, call.Task) is not { } place)
                return false;
            places.Add(place);
        }

        _places.AddRange(places.Select(place => breakpoints.Insert(place)));
        return IsSet;
    }

    /// <summary>Removes the breakpoints.</summary>
    public void Clear()
    {
        foreach (var place in _places)
            breakpoints.Remove(place);
        _places.Clear();
    }

    private AddressContext? TryFindPlace(VmiContext<LinuxOs> vmi, LinuxTask task)
    {
        try
        {
            // What is set there already is another's, which a guest with a forged stack would have removed.
            return vmi.Os.Thread(task.Object).WaitChannel() is { Symbol: not null } frame
                && new AddressContext(frame.Address, kernelRoot) is var place && !breakpoints.IsSet(place)
                    ? place
                    : null;
        }
        catch (TranslationFaultException)
        {
            return null;
        }
    }
}
