namespace Vmi;

/// <summary>The ability to change a vCPU's registers.</summary>
public interface IVmiSetRegisters : IVmiDriver
{
    /// <summary>Writes the registers that differ. If one of them can't be written, none is.</summary>
    /// <exception cref="VmiNotSupportedException">A register that differs can't be written; it is named.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such vCPU.</exception>
    void SetRegisters(VcpuId vcpu, Registers registers);
}
