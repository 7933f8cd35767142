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
                () => Release(domain, left, vcpus),
                () => RemoveFrames(domain, left),
                () => RestoreLimit(domain, left),
                () => Resume(domain, left));
        }
        finally
        {
            domain.Unpause();
        }

        journal.Forget();
    }

    private static void Release(XenDomain domain, JournalEntries left, int vcpus)
    {
        if (!left.IsAttached)
            return;
        XenAttachment.Release(domain, vcpus, () =>
        {
            if (domain.HasViews())
                domain.UseViews(false);
            foreach (var some in left.Rights.Chunk(MostAtOnce))
                domain.SetAccess(some, XenAccess.All);
        });
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

    private static void Resume(XenDomain domain, JournalEntries left)
    {
        for (var i = 0; i < left.Pauses; i++)
            domain.Unpause();
    }

    private static void RestoreLimit(XenDomain domain, JournalEntries left)
    {
        if (left.Limit is { } limit)
            domain.SetMaxPages(limit);
    }
}
