using System.Buffers.Binary;

namespace Vmi.Linux;

/// <summary>An ELF image in memory: a program, a library or the vdso, as it is mapped (System V ABI, gabi chapters 4 and 5).</summary>
public sealed class LinuxImage : VmiImage
{
    private const int HeaderSize = 64;
    private const byte Class32 = 1;
    private const byte Class64 = 2;
    private const byte LittleEndian = 1;

    private readonly VmiMemory _memory;
    private readonly AddressContext _base;

    internal LinuxImage(VmiMemory memory, AddressContext imageBase)
    {
        _memory = memory;
        _base = imageBase;
        Span<byte> header = stackalloc byte[HeaderSize];
        memory.Read(imageBase, header);
        if (!header.StartsWith("\x7f"u8) || !header[1..].StartsWith("ELF"u8) || header[4] is not (Class32 or Class64)
            || header[5] != LittleEndian)
            throw new VmiFormatException($"No ELF image is at {imageBase.Va}.");
        Architecture = header[4] == Class64 ? VmiImageArchitecture.Amd64 : VmiImageArchitecture.X86;
        var is64 = header[4] == Class64;
        HeadersAt = is64 ? BinaryPrimitives.ReadUInt64LittleEndian(header[32..]) : BinaryPrimitives.ReadUInt32LittleEndian(header[28..]);
        HeaderCount = BinaryPrimitives.ReadUInt16LittleEndian(header[(is64 ? 56 : 44)..]);
    }

    /// <inheritdoc/>
    public override Va BaseAddress => _base.Va;

    /// <inheritdoc/>
    public override VmiImageArchitecture Architecture { get; }

    internal ulong HeadersAt { get; }

    internal int HeaderCount { get; }

    /// <summary>The names of its dynamic symbol table that are defined in it, in the table's order.</summary>
    /// <exception cref="TranslationFaultException">Its headers are not there.</exception>
    public override IVmiList<VmiImageExport> Exports()
    {
        using var operation = _memory.BeginOperation();
        return new ExportReader(_memory, _base, this).Read();
    }
}
