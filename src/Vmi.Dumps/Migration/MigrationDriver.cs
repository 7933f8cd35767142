using Vmi.Amd64;

namespace Vmi.Dumps;

/// <summary>
/// QEMU's migration stream: `migrate "exec:cat > FILE"`, `migrate file:FILE`, `virsh save`. It has the RAM of a PC machine (`q35`,
/// `i440fx`) and, by the description that the stream carries at its end, all registers of each vCPU. The stream is read through once,
/// when it is opened.
/// </summary>
public sealed class MigrationDriver : MachineFileDriver, IVmiQueryLocalApic
{
    private readonly IReadOnlyList<LocalApic?> _apics;

    private MigrationDriver(string format, MigrationStream stream, List<FileRun> runs) : base(format, stream.Pages, runs, stream.Vcpus) =>
        _apics = stream.Apics;

    /// <summary>Opens a migration stream, or the file of `virsh save`.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">The bounds; null for <see cref="VmiLimits.Default"/>.</param>
    /// <param name="progress">Is told how much of the file was read through, from 0 to 1; null if nobody wants to know.</param>
    /// <exception cref="VmiFormatException">It is none, has what is not read, or is truncated or corrupt.</exception>
    /// <exception cref="VmiDriverException">It can't be opened.</exception>
    public static MigrationDriver Open(string path, VmiLimits? limits = null, IProgress<double>? progress = null) =>
        MemoryFile.OpenUnpacked(path, limits, file => Open(file, limits ?? VmiLimits.Default, progress));

    /// <summary>
    /// The local APIC of a vCPU; null if the stream has none. In x2APIC mode the stream tells neither its number nor the logical
    /// destination.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such vCPU.</exception>
    public LocalApic? GetLocalApic(VcpuId vcpu)
    {
        ThrowIfClosed();
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(vcpu.Value, _apics.Count, nameof(vcpu));
        return _apics[vcpu.Value];
    }

    internal static MigrationDriver Open(FileContent file, VmiLimits limits, IProgress<double>? progress = null)
    {
        Span<byte> head = stackalloc byte[LibvirtSave.Magic.Length];
        var isLibvirt = file.Read(0, head) == head.Length && head.SequenceEqual(LibvirtSave.Magic);
        var stream = new MigrationStream(file, isLibvirt ? LibvirtSave.StreamOffset(file) : 0, limits, progress);
        var (runs, missing) = PcMemory.Runs(stream.Pages, stream.Machine, limits);
        var format = isLibvirt ? "libvirt save" : "QEMU migration";
        // The name is what every command shows of a file.
        if (missing.Count > 0)
            format += $" (without {string.Join(", ", missing)}: a memory device whose address is not in the stream)";
        return new MigrationDriver(format, stream, runs);
    }
}
