using System.Text;
using Vmi.Linux.Tests.Fakes;

namespace Vmi.Linux.Tests.Detection;

/// <summary>Memory with the VMCOREINFO note of its file.</summary>
internal sealed class NoteDriver(FakeMemory memory, byte[] note) : IVmiRead, IVmCoreInfo
{
    public string Name => memory.Name;

    public Architecture Architecture => memory.Architecture;

    public bool IsLive => false;

    public VmiInfo Info => memory.Info with { Vcpus = 0 };

    public string? VmCoreInfo => Encoding.ASCII.GetString(note);

    public IReadOnlyList<PhysicalRange> MemoryMap => memory.MemoryMap;

    public int Read(Pa address, Span<byte> destination) => memory.Read(address, destination);

    public void Dispose()
    {
    }
}
