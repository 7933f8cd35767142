using System.Runtime.InteropServices;

namespace Vmi.Xen;

/// <summary>Error numbers of Xen's libraries, said in words.</summary>
internal static class XenError
{
    /// <summary>What to throw after a call failed; the error number is that of the last call.</summary>
    /// <param name="action">What was tried: "pausing".</param>
    /// <param name="who">The domain, for the message.</param>
    /// <param name="tables">Whether the domain's second-level page tables were to be changed.</param>
    public static VmiDriverException Last(string action, string who, bool tables = false) =>
        Of(Marshal.GetLastPInvokeError(), action, who, tables);

    /// <summary>What to throw where a domain's pool for page tables is too small for a number of views.</summary>
    public static VmiDriverException PoolTooSmall(string who, int views, ulong bytes, ulong needed) => new(
        $"{who}: Xen's pool for the domain's page tables ({bytes >> 10} KiB) may not do for {views} views (the default one among them), "
        + $"and Xen ends a domain that has used it up. Set `shadow_memory = {Math.Max(32, (needed >> 20) + 1)}` (MiB) in its configuration "
        + "and start it anew.");

    public static VmiDriverException Of(int error, string action, string who, bool tables = false) => error switch
    {
        Libc.NoMemory when tables => new VmiDriverException(
            $"{who}: {action} failed, since Xen's pool for the domain's page tables is used up (ENOMEM). "
            + "Set `shadow_memory` (in MiB: 32 and more) in the domain's configuration and start it anew."),
        Libc.NotPermitted or Libc.AccessDenied => new VmiDriverException($"{who}: {action} failed: only root in dom0 has the right."),
        _ => new VmiDriverException($"{who}: {action} failed: {Marshal.GetPInvokeErrorMessage(error)} (error {error})."),
    };
}
