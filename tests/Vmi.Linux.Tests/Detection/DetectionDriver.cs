using Vmi.Amd64;
using Vmi.Linux.Tests.Fakes;

namespace Vmi.Linux.Tests.Detection;

/// <summary>Memory with the registers of some vCPUs.</summary>
internal sealed class DetectionDriver(FakeMemory memory, params Amd64Registers[] vcpus) : IVmiRead, IVmiQueryRegisters
{
    public string Name => memory.Name;

    public Architecture Architecture => memory.Architecture;

    public bool IsLive => false;

    public VmiInfo Info => new(memory.Info.MaxGfn, vcpus.Length);

    public IReadOnlyList<PhysicalRange> MemoryMap => memory.MemoryMap;

    public Registers GetRegisters(VcpuId vcpu) => vcpus[vcpu.Value];

    public int Read(Pa address, Span<byte> destination) => memory.Read(address, destination);

    public void Dispose()
    {
    }
}
