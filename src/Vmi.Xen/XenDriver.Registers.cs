using Vmi.Amd64;

namespace Vmi.Xen;

/// <content>Registers.</content>
public sealed partial class XenDriver
{
    /// <summary>All registers of one vCPU at one moment; the domain is held for the reading.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such vCPU.</exception>
    /// <exception cref="VmiDriverException">The domain is gone.</exception>
    public Registers GetRegisters(VcpuId vcpu)
    {
        ThrowIfDisposed();
        return _registers.Read(Checked(vcpu));
    }

    /// <summary>Writes the registers that differ: all but CR8 and XCR0.</summary>
    /// <exception cref="VmiNotSupportedException">One of these two differs; none was written.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such vCPU.</exception>
    /// <exception cref="VmiDriverException">The domain is gone, or Xen refuses the values.</exception>
    public void SetRegisters(VcpuId vcpu, Registers registers)
    {
        ThrowIfDisposed();
        var wanted = registers as Amd64Registers ?? throw new ArgumentException("These are no registers of AMD64.", nameof(registers));
        _registers.Write(Checked(vcpu), wanted);
    }
}
