namespace Vmi.Xen;

/// <summary>Frames that were added to a domain, and its limit of memory, which is raised for them.</summary>
/// <param name="domain">The domain.</param>
/// <param name="journal">Where each is noted.</param>
internal sealed class AddedFrames(XenDomain domain, XenJournal journal)
{
    private readonly HashSet<ulong> _frames = [];
    private ulong? _limit;

    /// <summary>Adds a frame.</summary>
    public void Add(ulong gfn)
    {
        var info = domain.Information();
        // The limit only when it is in the way, and no further than needed.
        if (info.Pages >= info.MaxPages)
        {
            _limit ??= info.MaxPages;
            journal.Note($"limit {_limit}");
            domain.SetMaxPages(info.Pages + 1);
        }

        journal.Note($"add {gfn}");
        try
        {
            domain.AddFrame(gfn);
            _frames.Add(gfn);
        }
        catch
        {
            journal.Note($"remove {gfn}");
            if (_frames.Count == 0)
                RestoreLimit();
            throw;
        }
    }

    /// <summary>Removes a frame that was added.</summary>
    public void Remove(ulong gfn)
    {
        if (!_frames.Contains(gfn))
            throw new VmiDriverException($"{domain.Name}: frame {new Gfn(gfn)} was not added by this driver.");
        domain.RemoveFrame(gfn);
        _frames.Remove(gfn);
        journal.Note($"remove {gfn}");
        if (_frames.Count == 0)
            RestoreLimit();
    }

    public void RemoveAll()
    {
        foreach (var gfn in _frames.ToArray())
            Remove(gfn);
        RestoreLimit();
    }

    private void RestoreLimit()
    {
        if (_limit is not { } limit)
            return;
        domain.SetMaxPages(limit);
        _limit = null;
        journal.Note("limited");
    }
}
