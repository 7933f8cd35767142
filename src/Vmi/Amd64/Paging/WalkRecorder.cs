namespace Vmi.Amd64;

/// <summary>Keeps the entries of a page walk.</summary>
internal readonly struct WalkRecorder() : IWalkObserver
{
    private readonly List<PageWalkEntry> _entries = new(5);

    public IReadOnlyList<PageWalkEntry> Entries => _entries;

    public void Read(int level, Pa address, ulong value) => _entries.Add(new PageWalkEntry(level, address, value));
}
