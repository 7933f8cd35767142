using System.Diagnostics;

namespace Vmi.Xen.Lab;

/// <summary>A domain that is destroyed while its events are handled. The last check: there is no guest any more.</summary>
internal static class DyingChecks
{
    public static void Run(Checks checks, Guest guest) =>
        checks.Check("a loop ends with an error when its domain is destroyed, and nothing holds the domain", () =>
        {
            var seen = 0;
            Process? destroy = null;
            var failure = Expect.Throws<VmiDriverException>(
                () => guest.Handle(() => EndingChecks.Busy(guest, (_, _) =>
                {
                    if (seen++ == 0)
                        destroy = Process.Start("xl", ["destroy", guest.Domain]);
                    return VmiEventResponse.Emulate;
                })),
                "the loop");
            Expect.True(failure.Message.Contains("domain", StringComparison.OrdinalIgnoreCase), failure.Message);
            destroy!.WaitForExit();
            guest.Dispose();
            // Xen keeps what is left of a domain as long as somebody has its memory mapped.
            Guest.Until(() => XenDomain.List().All(each => each.Domain != guest.DomainId), "the domain is gone");
        });
}
