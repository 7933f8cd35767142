using Vmi.Amd64;

namespace Vmi;

/// <summary>The ability of a source to tell the registers of each vCPU's local APIC.</summary>
public interface IVmiQueryLocalApic : IVmiDriver
{
    /// <summary>The local APIC of a vCPU; null if the source lacks it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such vCPU.</exception>
    LocalApic? GetLocalApic(VcpuId vcpu);
}
