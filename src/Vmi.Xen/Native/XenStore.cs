using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Vmi.Xen;

/// <summary>libxenstore (xenstore.h): the names of the domains.</summary>
internal static unsafe partial class XenStore
{
    private const uint MaxNameBytes = 4096;

    static XenStore() => RuntimeHelpers.RunClassConstructor(typeof(XenLibraries).TypeHandle);

    /// <summary>The name that the toolstack gave a domain; null if there is none, or no store to ask.</summary>
    public static string? NameOf(uint domain)
    {
        var store = xs_open(0);
        if (store == 0)
            return null;
        try
        {
            uint length;
            var value = xs_read(store, 0, $"/local/domain/{domain}/name", &length);
            if (value == null)
                return null;
            var name = Encoding.UTF8.GetString(value, (int)Math.Min(length, MaxNameBytes));
            Libc.free(value);
            return name;
        }
        finally
        {
            xs_close(store);
        }
    }

    [LibraryImport(XenLibraries.Store, SetLastError = true)]
    private static partial nint xs_open(nuint flags);

    [LibraryImport(XenLibraries.Store)]
    private static partial void xs_close(nint store);

    [LibraryImport(XenLibraries.Store, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial byte* xs_read(nint store, uint transaction, string path, uint* length);
}
