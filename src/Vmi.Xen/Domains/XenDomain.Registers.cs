using static Vmi.Xen.XenControl;

namespace Vmi.Xen;

/// <content>The saved state of the vCPUs.</content>
internal sealed unsafe partial class XenDomain
{
    /// <summary>One record of a vCPU's state.</summary>
    public void ReadState(ushort type, uint vcpu, Span<byte> record)
    {
        lock (_calls)
        {
            fixed (byte* first = record)
            {
                Check(
                    xc_domain_hvm_getcontext_partial(Control, Id, type, (ushort)vcpu, first, (uint)record.Length),
                    "reading registers");
            }
        }
    }

    /// <summary>The saved state of the whole machine.</summary>
    public byte[] ReadWholeState()
    {
        lock (_calls)
        {
            var size = Check(xc_domain_hvm_getcontext(Control, Id, null, 0), "asking for the size of the saved state");
            var state = new byte[size];
            fixed (byte* first = state)
            {
                var used = Check(xc_domain_hvm_getcontext(Control, Id, first, (uint)size), "reading the saved state");
                return state[..Math.Min(used, size)];
            }
        }
    }

    /// <summary>Sets what records there are in a state; the vCPUs stand still meanwhile.</summary>
    public void WriteState(ReadOnlySpan<byte> state)
    {
        lock (_calls)
        {
            fixed (byte* first = state)
                Check(xc_domain_hvm_setcontext(Control, Id, first, (uint)state.Length), "writing registers");
        }
    }
}
