using System.Buffers.Binary;
using System.Text.Json;
using Vmi.Amd64;

namespace Vmi.Dumps;

/// <summary>
/// QEMU's migration stream, read through once: the sections of RAM, which say by themselves how long they are, and those of devices,
/// which only the description at the end of the stream can tell apart (QEMU's migration/savevm.c, version 3).
/// </summary>
internal sealed class MigrationStream
{
    private const int HeaderBytes = 8;
    private const uint Version = 3;
    private const byte EndOfStream = 0, Start = 1, Part = 2, End = 3, Full = 4, Subsection = 5, Description = 6, Configuration = 7,
        Command = 8, Footer = 0x7e;
    private const int LongestMachineName = 255;
    private const int LongestDescription = 16 << 20;
    private const int LongestPadding = 1 << 20;

    private readonly StreamCursor _cursor;
    private readonly RamSection _ram;
    private readonly Queue<DeviceDescription> _devices;
    private readonly List<Amd64Registers> _vcpus = [];
    private readonly List<LocalApic?> _apics = [];
    private DeviceFields? _cpu;
    private uint? _ramSection;

    /// <summary>Reads a stream.</summary>
    /// <param name="file">The file.</param>
    /// <param name="start">Where the stream begins.</param>
    /// <param name="limits">The bounds.</param>
    /// <param name="progress">Is told from time to time how much of the file was read, from 0 to 1.</param>
    /// <exception cref="VmiFormatException">It is corrupt, truncated, or has what is not read.</exception>
    public MigrationStream(FileContent file, long start, VmiLimits limits, IProgress<double>? progress)
    {
        _cursor = new StreamCursor(file, start);
        Pages = new RamPages(file, limits);
        _ram = new RamSection(_cursor, Pages, progress);
        if (start > file.Length - HeaderBytes || _cursor.ReadUInt32() != BinaryPrimitives.ReadUInt32BigEndian(Magic))
            throw new VmiFormatException($"{file.Path} has no stream of QEMU at offset {start}.");
        if (_cursor.ReadUInt32() is var version and not Version)
            throw new VmiFormatException($"{file.Path} is QEMU's migration stream in version {version}; Vmi reads version {Version}.");

        var description = FindDescription(file, start);
        _devices = new Queue<DeviceDescription>(description ?? []);
        HasRegisters = description is not null;
        try
        {
            while (ReadSection())
            {
                // Each of them goes on behind the one before.
            }
            FinishCpu(null);
        }
        catch (Exception error) when (error is InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new VmiFormatException($"{file.Path} is corrupt: the description at its end has not the form of one.");
        }
        progress?.Report(1);
    }

    /// <summary>The first bytes of a stream.</summary>
    public static ReadOnlySpan<byte> Magic => "QEVM"u8;

    /// <summary>The RAM.</summary>
    public RamPages Pages { get; }

    /// <summary>The type of the machine: `pc-q35-7.2`; empty if the stream does not say.</summary>
    public string Machine { get; private set; } = "";

    /// <summary>Whether there is a description, without which devices can't be read.</summary>
    public bool HasRegisters { get; }

    /// <summary>The vCPUs; empty without a description.</summary>
    public IReadOnlyList<Amd64Registers> Vcpus => _vcpus;

    /// <summary>The local APIC of each vCPU; null where the stream has none.</summary>
    public IReadOnlyList<LocalApic?> Apics => _apics;

    /// <summary>Reads one section, or what stands between them. False at the end, or where nothing more can be told apart.</summary>
    private bool ReadSection()
    {
        switch (_cursor.ReadByte())
        {
            case EndOfStream:
                return false;
            case Configuration:
                ReadConfiguration();
                return true;
            case Command:
                _cursor.Skip(2);
                _cursor.Skip(_cursor.ReadUInt16());
                return true;
            case Start:
                StartRam();
                return true;
            case Part or End:
                GoOnWithRam();
                return true;
            case Full:
                return ReadDevice();
            case var type:
                throw _cursor.Corrupt($"a section of type {type}");
        }
    }

    private void StartRam()
    {
        var id = _cursor.ReadUInt32();
        var (name, _) = ReadName();
        if (name != "ram")
            throw new VmiFormatException($"{Pages.Path} has a section that Vmi does not read ({name}): it was saved with its disks?");
        _ramSection = id;
        _ram.Read();
        ReadFooter(id);
    }

    private void GoOnWithRam()
    {
        var id = _cursor.ReadUInt32();
        if (id != _ramSection)
            throw _cursor.Corrupt($"a part of section {id}, which was not begun,");
        _ram.Read();
        ReadFooter(id);
    }

    /// <summary>Reads a device's section. False without a description: nothing says where it ends.</summary>
    private bool ReadDevice()
    {
        if (!HasRegisters)
            return false;
        var id = _cursor.ReadUInt32();
        var (name, instance) = ReadName();
        if (!_devices.TryDequeue(out var description) || description.Name != name || description.Instance != instance)
            throw _cursor.Corrupt($"the description at the end does not go with the section of {name} {instance}");

        var data = _cursor.Position;
        _cursor.Skip(description.Bytes());
        ReadFooter(id);
        if (name == "cpu")
        {
            FinishCpu(null);
            _cpu = new DeviceFields(Pages.File, description, data);
        }
        else if (name == "apic")
        {
            // QEMU registers each CPU's APIC behind it, before the next CPU.
            FinishCpu(new DeviceFields(Pages.File, description, data));
        }
        return true;
    }

    /// <summary>Takes the registers of the CPU that was seen last.</summary>
    private void FinishCpu(DeviceFields? apic)
    {
        if (_cpu is not { } cpu)
            return;
        if (_vcpus.Count > ushort.MaxValue)
            throw new VmiFormatException($"{Pages.Path} has more than {ushort.MaxValue + 1} vCPUs.");
        _vcpus.Add(MigrationCpu.Read(cpu, apic));
        _apics.Add(apic is null ? null : MigrationApic.Read(apic));
        _cpu = null;
    }

    private (string Name, uint Instance) ReadName()
    {
        var name = _cursor.ReadName();
        var instance = _cursor.ReadUInt32();
        _cursor.Skip(4);                         // version_id
        return (name, instance);
    }

    /// <summary>Machine types before 2.4 write none.</summary>
    private void ReadFooter(uint id)
    {
        if (_cursor.ReadByte() != Footer || _cursor.ReadUInt32() != id)
            throw _cursor.Corrupt($"no footer of section {id}");
    }

    private void ReadConfiguration()
    {
        var length = _cursor.ReadUInt32();
        if (length > LongestMachineName)
            throw _cursor.Corrupt($"a machine name of {length} bytes");
        Machine = _cursor.ReadText((int)length);
        while (_cursor.PeekByte() == Subsection)
        {
            _cursor.Skip(1);
            var name = _cursor.ReadName();
            _cursor.Skip(4);
            switch (name)
            {
                case "configuration/target-page-bits":
                    _cursor.Skip(4);
                    break;
                case "configuration/uuid":
                    _cursor.Skip(16);
                    break;
                case "configuration/capabilities":
                    ReadCapabilities();
                    break;
                default:
                    throw new VmiFormatException($"{Pages.Path} has {name}, which Vmi does not know.");
            }
        }
    }

    /// <summary>The capabilities that change what the stream has; with any of them but mapped-ram it is not read.</summary>
    private void ReadCapabilities()
    {
        for (var count = _cursor.ReadUInt32(); count > 0; count--)
        {
            var name = _cursor.ReadName();
            if (name == "mapped-ram")
            {
                _ram.IsMapped = true;
                continue;
            }
            throw new VmiFormatException(
                $"{Pages.Path} was written with the migration capability {name}; Vmi reads QEMU's migration stream without it.");
        }
    }

    /// <summary>
    /// The description is what the file ends with: its mark, its length, and text. Null if there is none (QEMU: suppress-vmdesc).
    /// </summary>
    private static List<DeviceDescription>? FindDescription(FileContent file, long start)
    {
        var most = (int)Math.Min(file.Length - start, LongestDescription);
        var tail = new byte[Math.Min(most, LongestPadding)];
        file.ReadAll(file.Length - tail.Length, tail);
        // libvirt may fill up the last block of the file.
        var end = file.Length - tail.Length + tail.AsSpan().LastIndexOfAnyExcept((byte)0) + 1;
        // First in the last piece, then in all that a description may be.
        for (var bytes = tail.Length; ; bytes = most)
        {
            if (bytes != tail.Length)
            {
                tail = new byte[bytes];
                file.ReadAll(file.Length - bytes, tail);
            }
            var text = tail.AsSpan(0, (int)(end - (file.Length - bytes)));
            for (var at = text.Length - 6; at >= 0; at--)
            {
                if (text[at] == Description && text[at + 5] == '{'
                    && BinaryPrimitives.ReadUInt32BigEndian(text[(at + 1)..]) == (uint)(text.Length - at - 5))
                    return Parse(file, tail.AsMemory(at + 5, text.Length - at - 5));
            }
            if (bytes == most)
                return null;
        }
    }

    private static List<DeviceDescription> Parse(FileContent file, ReadOnlyMemory<byte> json)
    {
        try
        {
            return DeviceDescription.ReadAll(json);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new VmiFormatException($"{file.Path} is corrupt: the description at its end can't be read.", error);
        }
    }
}
