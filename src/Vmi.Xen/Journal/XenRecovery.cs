namespace Vmi.Xen;

/// <summary>Undoes in a domain what a process has left that was killed.</summary>
internal static class XenRecovery
{
    private const int MostAtOnce = 1024;

    /// <summary>Undoes it, if there is something and its process is gone.</summary>
    /// <param name="domain">The domain.</param>
    /// <param name="journal">Its journal.</param>
    /// <param name="vcpus">How many vCPUs it has.</param>
    /// <exception cref="VmiDriverException">A part of it can't be undone; the rest was.</exception>
    public static void Recover(XenDomain domain, XenJournal journal, int vcpus)
    {
        if (journal.Left() is not { } left)
            return;
        domain.Pause();
        try
        {
            Failures.RunAll(
                () => RestoreRights(domain, left),
                () => EndViews(domain, left),
                () => Release(domain, left, vcpus),
                () => RemoveFrames(domain, left),
                () => RestoreLimit(domain, left));
            for (var i = 0; i < left.Pauses; i++)
                domain.Unpause();
        }
        finally
        {
            domain.Unpause();
        }

        journal.Forget();
    }

    private static void Release(XenDomain domain, JournalEntries left, int vcpus)
    {
        if (left.IsAttached)
            XenAttachment.Release(domain, vcpus);
    }

    private static void EndViews(XenDomain domain, JournalEntries left)
    {
        if (left.IsAttached && domain.HasViews())
            domain.UseViews(false);
    }

    private static void RestoreRights(XenDomain domain, JournalEntries left)
    {
        foreach (var some in left.Rights.Chunk(MostAtOnce))
            domain.SetAccess(some, XenAccess.All);
    }

    private static void RemoveFrames(XenDomain domain, JournalEntries left)
    {
        foreach (var gfn in left.Frames)
        {
            // One that was noted may not have been added any more.
            if (domain.HasFrame(gfn))
                domain.RemoveFrame(gfn);
        }
    }

    private static void RestoreLimit(XenDomain domain, JournalEntries left)
    {
        if (left.Limit is { } limit)
            domain.SetMaxPages(limit);
    }
}
