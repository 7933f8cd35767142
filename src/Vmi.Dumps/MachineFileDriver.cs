using Vmi.Amd64;

namespace Vmi.Dumps;

/// <summary>A memory file that has the registers of the machine's vCPUs, too, as far as its format carries them.</summary>
public abstract class MachineFileDriver : MemoryFileDriver, IVmiQueryRegisters, IVmCoreInfo
{
    private readonly IReadOnlyList<Amd64Registers> _vcpus;

    private protected MachineFileDriver(
        string format, FileContent file, List<FileRun> runs, IReadOnlyList<Amd64Registers> vcpus, string? vmCoreInfo = null)
        : base(format, file, runs, vcpus.Count)
    {
        _vcpus = vcpus;
        VmCoreInfo = vmCoreInfo;
    }

    /// <inheritdoc/>
    public string? VmCoreInfo { get; }

    /// <summary>The registers of one vCPU. What the file does not carry is reported as lacking; docs/memory-files.md lists it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such vCPU.</exception>
    public Registers GetRegisters(VcpuId vcpu)
    {
        ThrowIfClosed();
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(vcpu.Value, _vcpus.Count, nameof(vcpu));
        return _vcpus[vcpu.Value].Clone();
    }
}
