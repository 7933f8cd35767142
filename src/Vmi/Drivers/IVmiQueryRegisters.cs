namespace Vmi;

/// <summary>The ability to read a vCPU's registers.</summary>
public interface IVmiQueryRegisters : IVmiDriver
{
    /// <summary>The registers of one vCPU at one moment. Groups that the source lacks are reported as lacking, never invented.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such vCPU.</exception>
    /// <exception cref="VmiDriverException">The VM is gone.</exception>
    Registers GetRegisters(VcpuId vcpu);
}
