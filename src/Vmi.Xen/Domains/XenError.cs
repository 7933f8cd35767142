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

    public static VmiDriverException Of(int error, string action, string who, bool tables = false) => error switch
    {
        Libc.NoMemory when tables => new VmiDriverException(
            $"{who}: {action} failed, since Xen's pool for the domain's page tables is used up (ENOMEM). "
            + "Set `shadow_memory` (in MiB: 32 and more) in the domain's configuration and start it anew."),
        Libc.NotPermitted or Libc.AccessDenied => new VmiDriverException($"{who}: {action} failed: only root in dom0 has the right."),
        _ => new VmiDriverException($"{who}: {action} failed: {Marshal.GetPInvokeErrorMessage(error)} (error {error})."),
    };
}
