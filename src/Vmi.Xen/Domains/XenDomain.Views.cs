using System.Runtime.InteropServices;
using static Vmi.Xen.XenControl;

namespace Vmi.Xen;

/// <content>The rights of frames, and alternate views (altp2m).</content>
internal sealed unsafe partial class XenDomain
{
    internal const uint Altp2mParameter = 35;   // HVM_PARAM_ALTP2M
    internal const ulong Altp2mExternal = 2;    // XEN_ALTP2M_external
    private const ulong NoGfn = ulong.MaxValue;
    private const ulong EntriesPerTable = 512;
    private const ulong OtherTables = 16;

    /// <summary>
    /// Refuses what could use up Xen's pool for the domain's page tables: once a table can't be made, Xen ends the domain at its next
    /// change of memory. A view needs a table for each 2 MiB in which rights or frames were changed: at worst for all of the memory.
    /// </summary>
    /// <param name="views">How many views there are to be, the default one among them.</param>
    /// <exception cref="VmiDriverException">The pool is too small.</exception>
    public void RequireTables(int views)
    {
        lock (_calls)
        {
            ulong bytes;
            Check(xc_get_paging_mempool_size(Control, Id, &bytes), "asking for the pool of page tables");
            var needed = (ulong)views * (Information().Pages / EntriesPerTable + OtherTables) * Frame.Size;
            if (bytes < needed)
                throw XenError.PoolTooSmall(Name, views, bytes, needed);
        }
    }

    /// <summary>Sets the rights of frames in the default view.</summary>
    public void SetAccess(ReadOnlySpan<ulong> gfns, int access)
    {
        lock (_calls)
        {
            var all = new byte[gfns.Length];
            all.AsSpan().Fill((byte)access);
            fixed (ulong* first = gfns)
            fixed (byte* rights = all)
            {
                Check(
                    xc_set_mem_access_multi(Control, Id, rights, first, (uint)gfns.Length), "setting the rights of frames", tables: true);
            }
        }
    }

    /// <summary>Sets the rights of frames in another view.</summary>
    public void SetAccess(ushort view, ReadOnlySpan<ulong> gfns, int access)
    {
        lock (_calls)
        {
            if (gfns.Length == 1)
            {
                Check(
                    xc_altp2m_set_mem_access(Control, Id, view, gfns[0], access), "setting the rights of a frame in a view", tables: true);
                return;
            }

            var all = new byte[gfns.Length];
            all.AsSpan().Fill((byte)access);
            fixed (ulong* first = gfns)
            fixed (byte* rights = all)
            {
                Check(
                    xc_altp2m_set_mem_access_multi(Control, Id, view, rights, first, (uint)gfns.Length),
                    "setting the rights of frames in a view", tables: true);
            }
        }
    }

    /// <summary>The rights of a frame in the default view; null if there is no such frame.</summary>
    public int? Access(ulong gfn)
    {
        lock (_calls)
        {
            int access;
            return Found(xc_get_mem_access(Control, Id, gfn, &access), "asking for the rights of a frame") ? access : null;
        }
    }

    /// <summary>The rights of a frame in another view; null if Xen has made no entry for it yet.</summary>
    public int? Access(ushort view, ulong gfn)
    {
        lock (_calls)
        {
            int access;
            return Found(xc_altp2m_get_mem_access(Control, Id, view, gfn, &access), "asking for the rights of a frame in a view")
                ? access
                : null;
        }
    }

    /// <summary>Whether there are alternate views now.</summary>
    public bool HasViews()
    {
        lock (_calls)
        {
            byte state;
            return xc_altp2m_get_domain_state(Control, Id, &state) == 0 && state != 0;
        }
    }

    /// <summary>Begins or ends the use of alternate views; at the end all vCPUs are in the default view and the others gone.</summary>
    /// <exception cref="VmiNotSupportedException">The hypervisor, or the domain, has no alternate views.</exception>
    public void UseViews(bool use)
    {
        lock (_calls)
        {
            ulong mode;
            // Up to Xen 4.18 the mode can be set later; from 4.19 on it stands in the domain's configuration only, and this says no.
            if (use && xc_hvm_param_get(Control, Id, Altp2mParameter, &mode) == 0 && mode == 0)
                _ = xc_hvm_param_set(Control, Id, Altp2mParameter, Altp2mExternal);
            if (xc_altp2m_set_domain_state(Control, Id, use) >= 0)
                return;
            var error = Marshal.GetLastPInvokeError();
            throw use && error is not Libc.NoMemory
                ? new VmiNotSupportedException(
                    $"views here (altp2m: {Marshal.GetPInvokeErrorMessage(error)}; needed: `altp2m=1` and `hap=1` on Xen's command "
                    + "line, `altp2m = \"external\"` in the domain's configuration)", Name)
                : XenError.Of(error, "switching alternate views", Name, tables: true);
        }
    }

    public ushort CreateView(int access)
    {
        lock (_calls)
        {
            ushort view;
            Check(xc_altp2m_create_view(Control, Id, access, &view), "making a view", tables: true);
            return view;
        }
    }

    public void DestroyView(ushort view)
    {
        lock (_calls)
            Check(xc_altp2m_destroy_view(Control, Id, view), "destroying a view");
    }

    public void SwitchView(ushort view)
    {
        lock (_calls)
            Check(xc_altp2m_switch_to_view(Control, Id, view), "switching to a view");
    }

    public void ChangeGfn(ushort view, ulong oldGfn, ulong newGfn)
    {
        lock (_calls)
            Check(xc_altp2m_change_gfn(Control, Id, view, oldGfn, newGfn), "changing a frame of a view", tables: true);
    }

    public void ResetGfn(ushort view, ulong gfn)
    {
        lock (_calls)
            Check(xc_altp2m_change_gfn(Control, Id, view, gfn, NoGfn), "resetting a frame of a view", tables: true);
    }

    private bool Found(int result, string action)
    {
        if (result >= 0)
            return true;
        return Marshal.GetLastPInvokeError() is Libc.NoProcess or Libc.NoEntry ? false : throw XenError.Last(action, Name);
    }
}
