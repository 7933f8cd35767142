using Vmi.Guests;
using Vmi.Linux;

namespace Vmi.Live.Tests;

/// <summary>The checks of a kernel that nobody changed: nothing is found, and its code is compared with its file.</summary>
public static class CheckComparisons
{
    /// <summary>With the file in the guest's own page cache (/boot/vmlinuz).</summary>
    public static void Compare(VmiSession<LinuxOs> session, GuestTruth truth)
    {
        using var paused = session.PauseGuard();
        Compare(paused.State.Os, null);
        Assert.NotNull(truth);
    }

    /// <param name="os">The guest.</param>
    /// <param name="file">The kernel's file; null for the one in the guest's own page cache.</param>
    public static void Compare(LinuxOs os, LinuxKernelFile? file) => Assert.All(os.Check(file), check =>
        Assert.Equal(
            (check.Kind, "", null, true),
            (check.Kind, string.Join("; ", check.Findings.Select(each => each.Description)), check.Incomplete, check.WasRun)));
}
