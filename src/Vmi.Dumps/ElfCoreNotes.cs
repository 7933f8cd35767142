using System.Buffers.Binary;
using System.Text;
using Vmi.Amd64;

namespace Vmi.Dumps;

/// <summary>What the notes of an ELF core say: the vCPUs, and the kernel's VMCOREINFO.</summary>
internal sealed class ElfCoreNotes
{
    private const int HeaderBytes = 12;          // n_namesz, n_descsz, n_type
    private const int LongestName = 12;
    private const uint ProcessStatus = 1;        // NT_PRSTATUS
    private const uint ProcessInfo = 3;          // NT_PRPSINFO
    private const uint AuxiliaryVector = 6;      // NT_AUXV

    private readonly List<Amd64Registers> _vcpus = [];
    private int _statusNotes;
    private bool _ofProcess;
    private int _notes;

    /// <summary>The registers of each vCPU.</summary>
    public IReadOnlyList<Amd64Registers> Vcpus => _vcpus;

    /// <summary>The text of the VMCOREINFO note; null if there is none.</summary>
    public string? VmCoreInfo { get; private set; }

    /// <summary>Reads the notes of a PT_NOTE segment.</summary>
    /// <exception cref="VmiFormatException">A note is corrupt, or there are too many.</exception>
    public void Read(HostFile file, ElfSegment segment, VmiLimits limits)
    {
        var end = (long)(segment.Offset + segment.FileBytes);
        Span<byte> header = stackalloc byte[HeaderBytes];
        Span<byte> nameBytes = stackalloc byte[LongestName];
        for (var at = (long)segment.Offset; end - at >= HeaderBytes;)
        {
            if (++_notes > limits.Segments)
                throw new VmiFormatException($"{file.Path} has more than {limits.Segments} ELF notes (VmiLimits.Segments).");
            Fill(file, at, header);
            long nameLength = BinaryPrimitives.ReadUInt32LittleEndian(header);
            long length = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
            var type = BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);
            var data = at + HeaderBytes + AlignUp(nameLength);
            if (data > end || length > end - data)
                throw new VmiFormatException($"{file.Path} is corrupt: the ELF note at offset {at} is longer than its segment.");

            var name = nameBytes[..(int)Math.Min(nameLength, LongestName)];
            Fill(file, at + HeaderBytes, name);
            Take(file, name.TrimEnd((byte)0), type, data, length, limits);
            at = data + AlignUp(length);
        }
    }

    /// <summary>Refuses a core that QEMU did not write, and notes that contradict each other.</summary>
    /// <exception cref="VmiFormatException">One of these.</exception>
    public void Check(string path)
    {
        if (_vcpus.Count == 0)
        {
            throw new VmiFormatException(
                VmCoreInfo is not null ? $"{path} is a vmcore without QEMU's notes (kdump?); Vmi reads those of QEMU's dump-guest-memory."
                : _ofProcess ? $"{path} is a core of a process, not of a machine."
                : $"{path} is an ELF core without QEMU's notes; Vmi reads those of QEMU's dump-guest-memory.");
        }
        if (_statusNotes != 0 && _statusNotes != _vcpus.Count)
            throw new VmiFormatException($"{path} is corrupt: NT_PRSTATUS notes for {_statusNotes} vCPUs, QEMU notes for {_vcpus.Count}.");
    }

    private void Take(HostFile file, ReadOnlySpan<byte> name, uint type, long data, long length, VmiLimits limits)
    {
        if (name.SequenceEqual("QEMU"u8) && type == 0)
        {
            if (_vcpus.Count > ushort.MaxValue)
                throw new VmiFormatException($"{file.Path} has more than {ushort.MaxValue + 1} vCPUs.");
            Span<byte> state = stackalloc byte[QemuCpuState.Bytes];
            state = state[..(int)Math.Min(length, QemuCpuState.Bytes)];
            Fill(file, data, state);
            _vcpus.Add(QemuCpuState.Parse(state, length, _vcpus.Count, file.Path));
        }
        else if (name.SequenceEqual("VMCOREINFO"u8) && type == 0)
        {
            if (length > limits.StringBytes)
            {
                throw new VmiFormatException(
                    $"{file.Path} has {length} bytes of VMCOREINFO, more than {limits.StringBytes} (VmiLimits.StringBytes).");
            }
            var text = new byte[length];
            Fill(file, data, text);
            VmCoreInfo = Encoding.UTF8.GetString(text.AsSpan().TrimEnd((byte)0));
        }
        else if (name.SequenceEqual("CORE"u8))
        {
            if (type == ProcessStatus)
                _statusNotes++;
            else if (type is ProcessInfo or AuxiliaryVector)
                _ofProcess = true;
        }
    }

    private static void Fill(HostFile file, long offset, Span<byte> destination)
    {
        if (file.Read(offset, destination) != destination.Length)
            throw new VmiFormatException($"{file.Path} was shortened while it was read.");
    }

    /// <summary>Names and contents of notes are padded to 4 bytes.</summary>
    private static long AlignUp(long length) => (length + 3) & ~3L;
}
