namespace Vmi;

/// <summary>
/// Collects the faults of several reads, so that a tool can have all the missing pages brought in at once, and then try again.
/// </summary>
/// <param name="suppressed">Pages that are known not to come: their faults are not collected. An entry counts for its whole 4 KiB page.</param>
public sealed class VmiProber(IEnumerable<AddressContext>? suppressed = null)
{
    private readonly HashSet<AddressContext> _suppressed = [.. (suppressed ?? []).Select(PageOf)];
    private readonly List<TranslationFault> _faults = [];

    /// <summary>The faults collected so far, in their order.</summary>
    public IReadOnlyList<TranslationFault> PageFaults => _faults;

    /// <summary>Runs a piece of work that reads. False if it met memory that is not there; other errors pass through.</summary>
    public bool TryProbe<T>(Func<T> read, out T? value)
    {
        ArgumentNullException.ThrowIfNull(read);
        try
        {
            value = read();
            return true;
        }
        catch (TranslationFaultException exception)
        {
            Record(exception.Fault);
            value = default;
            return false;
        }
    }

    /// <summary>Collects the fault of a `Try…` that failed.</summary>
    public void Record(TranslationFault fault)
    {
        if (fault.Root is not { } root || !_suppressed.Contains(PageOf(new AddressContext(new Va(fault.Address), root))))
            _faults.Add(fault);
    }

    /// <summary>Throws if any fault was collected, with all of them.</summary>
    /// <exception cref="PageFaultsException">There were some.</exception>
    public void ThrowIfPageFaults()
    {
        if (_faults.Count > 0)
            throw new PageFaultsException([.. _faults]);
    }

    private static AddressContext PageOf(AddressContext context) => context with { Va = context.Va & ~(ulong)(Frame.Size - 1) };
}
