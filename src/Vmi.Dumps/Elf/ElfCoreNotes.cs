using System.Buffers.Binary;
using System.Text;
using Vmi.Amd64;

namespace Vmi.Dumps;

/// <summary>What the notes of an ELF core, or of a kdump file, say: the vCPUs, and the kernel's VMCOREINFO.</summary>
internal sealed class ElfCoreNotes
{
    private const int HeaderBytes = 12;          // n_namesz, n_descsz, n_type
    private const int LongestName = 12;
    private const uint ProcessStatus = 1;        // NT_PRSTATUS
    private const uint ProcessInfo = 3;          // NT_PRPSINFO
    private const uint AuxiliaryVector = 6;      // NT_AUXV

    private readonly List<Amd64Registers> _vcpus = [];
    private readonly List<Amd64Registers> _statuses = [];
    private bool _ofProcess;
    private int _notes;

    /// <summary>The registers of each vCPU: from QEMU's notes where there are some, else those few that NT_PRSTATUS has.</summary>
    public IReadOnlyList<Amd64Registers> Vcpus => _vcpus.Count != 0 ? _vcpus : _statuses;

    /// <summary>The text of the VMCOREINFO note; null if there is none.</summary>
    public string? VmCoreInfo { get; private set; }

    /// <summary>Reads a series of notes, as a PT_NOTE segment holds them.</summary>
    /// <param name="file">The file.</param>
    /// <param name="offset">Where the first one is.</param>
    /// <param name="length">Their bytes; all of them lie in the file.</param>
    /// <param name="limits">The bounds.</param>
    /// <exception cref="VmiFormatException">A note is corrupt, or there are too many.</exception>
    public void Read(FileContent file, long offset, long length, VmiLimits limits)
    {
        var end = offset + length;
        Span<byte> header = stackalloc byte[HeaderBytes];
        Span<byte> nameBytes = stackalloc byte[LongestName];
        for (var at = offset; end - at >= HeaderBytes;)
        {
            if (++_notes > limits.Segments)
                throw new VmiFormatException($"{file.Path} has more than {limits.Segments} ELF notes (VmiLimits.Segments).");
            file.ReadAll(at, header);
            long nameLength = BinaryPrimitives.ReadUInt32LittleEndian(header);
            long dataLength = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
            var type = BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);
            var data = at + HeaderBytes + AlignUp(nameLength);
            if (data > end || dataLength > end - data)
                throw new VmiFormatException($"{file.Path} is corrupt: the ELF note at offset {at} is longer than its segment.");

            var name = nameBytes[..(int)Math.Min(nameLength, LongestName)];
            file.ReadAll(at + HeaderBytes, name);
            Take(file, name.TrimEnd((byte)0), type, data, dataLength, limits);
            at = data + AlignUp(dataLength);
        }
    }

    /// <summary>Refuses an ELF core that is not a machine's.</summary>
    /// <exception cref="VmiFormatException">It is one of a process, or of what can't be told.</exception>
    public void RefuseWhatIsNoMachine(string path)
    {
        // A crashed kernel's core has VMCOREINFO, and the registers that NT_PRSTATUS holds.
        if (_vcpus.Count == 0 && VmCoreInfo is null)
        {
            throw new VmiFormatException(_ofProcess ? $"{path} is a core of a process, not of a machine."
                : $"{path} is an ELF core without QEMU's notes and without VMCOREINFO: nothing says that it is a machine's.");
        }
    }

    /// <summary>Refuses notes that contradict each other.</summary>
    /// <exception cref="VmiFormatException">They do.</exception>
    public void Check(string path)
    {
        if (_vcpus.Count != 0 && _statuses.Count != 0 && _statuses.Count != _vcpus.Count)
        {
            throw new VmiFormatException(
                $"{path} is corrupt: NT_PRSTATUS notes for {_statuses.Count} vCPUs, QEMU notes for {_vcpus.Count}.");
        }
    }

    /// <summary>Takes the text of VMCOREINFO that stands in the file, if no note had one.</summary>
    /// <exception cref="VmiFormatException">It is longer than the limit.</exception>
    public void ReadVmCoreInfo(FileContent file, long offset, long length, VmiLimits limits)
    {
        if (length > limits.StringBytes)
        {
            throw new VmiFormatException(
                $"{file.Path} has {length} bytes of VMCOREINFO, more than {limits.StringBytes} (VmiLimits.StringBytes).");
        }
        var text = new byte[length];
        file.ReadAll(offset, text);
        VmCoreInfo ??= Encoding.UTF8.GetString(text.AsSpan().TrimEnd((byte)0));
    }

    private void Take(FileContent file, ReadOnlySpan<byte> name, uint type, long data, long length, VmiLimits limits)
    {
        if (name.SequenceEqual("QEMU"u8) && type == 0)
        {
            Span<byte> state = stackalloc byte[QemuCpuState.Bytes];
            state = state[..(int)Math.Min(length, QemuCpuState.Bytes)];
            file.ReadAll(data, state);
            Add(_vcpus, QemuCpuState.Parse(state, length, _vcpus.Count, file.Path), file.Path);
        }
        else if (name.SequenceEqual("VMCOREINFO"u8) && type == 0)
        {
            ReadVmCoreInfo(file, data, length, limits);
        }
        else if (name.SequenceEqual("CORE"u8))
        {
            if (type == ProcessStatus && length == PrStatus.Bytes)
            {
                Span<byte> status = stackalloc byte[PrStatus.Bytes];
                file.ReadAll(data, status);
                Add(_statuses, PrStatus.Parse(status), file.Path);
            }
            else if (type is ProcessInfo or AuxiliaryVector)
            {
                _ofProcess = true;
            }
        }
    }

    private static void Add(List<Amd64Registers> vcpus, Amd64Registers registers, string path)
    {
        if (vcpus.Count > ushort.MaxValue)
            throw new VmiFormatException($"{path} has more than {ushort.MaxValue + 1} vCPUs.");
        vcpus.Add(registers);
    }

    /// <summary>Names and contents of notes are padded to 4 bytes.</summary>
    private static long AlignUp(long length) => (length + 3) & ~3L;
}
