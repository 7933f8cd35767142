using System.Reflection;
using System.Runtime.InteropServices;

namespace Vmi.Xen.Lab;

/// <summary>A domain whose pool for page tables is small.</summary>
internal static unsafe partial class PoolChecks
{
    private const ulong SmallPool = 2 << 20;
    private const int MostViews = 9;

    static PoolChecks() => NativeLibrary.SetDllImportResolver(typeof(PoolChecks).Assembly, Resolve);

    public static void Run(Checks checks, Guest guest) =>
        checks.Check("views that the domain's pool for page tables may not do for are refused, with the cure", () =>
        {
            var control = XenControl.xc_interface_open(0, 0, 0);
            ulong size = 0;
            Expect.Equal(0, XenControl.xc_get_paging_mempool_size(control, guest.Driver.DomainId, &size), "the answer to the pool's size");
            try
            {
                Expect.Equal(0, xc_set_paging_mempool_size(control, guest.Driver.DomainId, SmallPool), "the answer to a smaller pool");
                var refused = Expect.Throws<VmiDriverException>(
                    () =>
                    {
                        for (var i = 0; i < MostViews; i++)
                            guest.Session.CreateView(MemoryAccess.ReadExecute);
                    }, "one view after the other");
                Expect.True(refused.Message.Contains("shadow_memory = 32", StringComparison.Ordinal), refused.Message);
                Expect.True(!refused.Message.Contains("ENOMEM", StringComparison.Ordinal), refused.Message);
                guest.GoesOn();
                guest.Session.ResetState();
                EndingChecks.AsBefore(guest);
            }
            finally
            {
                _ = xc_set_paging_mempool_size(control, guest.Driver.DomainId, size);
                _ = XenControl.xc_interface_close(control);
            }
        });

    // The driver changes no pool. Here is one version only.
    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        foreach (var candidate in XenLibraries.Candidates(name, running: null))
        {
            if (NativeLibrary.TryLoad(candidate, out var library))
                return library;
        }

        return 0;
    }

    [LibraryImport(XenLibraries.Control)]
    private static partial int xc_set_paging_mempool_size(nint control, uint domain, ulong bytes);
}
