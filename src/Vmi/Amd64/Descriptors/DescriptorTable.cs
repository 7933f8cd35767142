using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Vmi.Amd64;

/// <summary>A copy of the GDT or an LDT: at most 8192 entries of 8 bytes.</summary>
public sealed class DescriptorTable
{
    private const int MaxLength = 65536;
    private const int LocalTable = 4;

    private readonly ulong[] _words;
    private readonly bool _isLocal;
    private readonly bool _isLong;

    private DescriptorTable(ulong[] words, bool isLocal, bool isLong)
    {
        _words = words;
        _isLocal = isLocal;
        _isLong = isLong;
    }

    /// <summary>Entries of 8 bytes.</summary>
    public int Count => _words.Length;

    /// <summary>Reads the GDT of a vCPU, as far as GDTR's limit goes.</summary>
    /// <exception cref="TranslationFaultException">A part of it is not there.</exception>
    /// <exception cref="RegisterNotAvailableException">GDTR or a control register is not there.</exception>
    /// <exception cref="VmiNotSupportedException">The vCPU is in real mode.</exception>
    public static DescriptorTable ReadGdt(VmiMemory memory, Amd64Registers registers)
    {
        var isLong = IsLongMode(registers, "a GDT");
        return Read(memory, registers, registers.Gdtr.Base, registers.Gdtr.Length, isLocal: false, isLong);
    }

    /// <summary>Reads the LDT of a vCPU, as far as LDTR's limit goes; empty if LDTR holds none.</summary>
    /// <exception cref="TranslationFaultException">A part of it is not there.</exception>
    /// <exception cref="RegisterNotAvailableException">LDTR or a control register is not there.</exception>
    /// <exception cref="VmiNotSupportedException">The vCPU is in real mode.</exception>
    public static DescriptorTable ReadLdt(VmiMemory memory, Amd64Registers registers)
    {
        var isLong = IsLongMode(registers, "an LDT");
        var ldtr = registers.Ldtr;
        var isThere = ldtr.Present && ldtr.Selector.Index != 0;
        var length = isThere ? (int)Math.Min(ldtr.Limit + 1L, MaxLength) : 0;
        return Read(memory, registers, new Va(ldtr.Base), length, isLocal: true, isLong);
    }

    /// <summary>The entry that a selector refers to. False if the selector means the other table, or one beyond the limit.</summary>
    public bool TryGet(SegmentSelector selector, out Descriptor descriptor)
    {
        descriptor = default;
        if (selector.IsLocal != _isLocal || selector.Index >= _words.Length)
            return false;
        descriptor = At(selector.Index);
        return true;
    }

    /// <summary>The entries in use, in order.</summary>
    public IEnumerable<Descriptor> Entries()
    {
        for (var index = 0; index < _words.Length; index++)
        {
            var descriptor = At(index);
            if (descriptor.IsNull)
                continue;
            yield return descriptor;
            if (IsWide(descriptor.Low))
                index++;
        }
    }

    internal static bool IsLongMode(Amd64Registers registers, string what)
    {
        ArgumentNullException.ThrowIfNull(registers);
        return registers.Cr0.ProtectionEnable
            ? registers.AddressWidth == 8
            : throw new VmiNotSupportedException(what, "A vCPU in real mode");
    }

    /// <summary>Reads a table as little-endian words of 8 bytes; a part of one at its end is left out.</summary>
    /// <remarks>The CPU looks its tables up below CR3, whatever root an operating system has for other addresses.</remarks>
    internal static bool TryReadWords(
        VmiMemory memory, Amd64Registers registers, Va start, int length, out ulong[] words, out TranslationFault fault)
    {
        ArgumentNullException.ThrowIfNull(memory);
        words = new ulong[length / sizeof(ulong)];
        if (!memory.TryRead((start, registers.TranslationRoot), MemoryMarshal.AsBytes(words.AsSpan()), out fault))
            return false;
        if (!BitConverter.IsLittleEndian)
            BinaryPrimitives.ReverseEndianness(words, words);
        return true;
    }

    private static DescriptorTable Read(
        VmiMemory memory, Amd64Registers registers, Va start, int length, bool isLocal, bool isLong) =>
        TryReadWords(memory, registers, start, length, out var words, out var fault)
            ? new DescriptorTable(words, isLocal, isLong)
            : throw new TranslationFaultException(fault);

    private Descriptor At(int index)
    {
        var low = _words[index];
        var high = IsWide(low) && index + 1 < _words.Length ? _words[index + 1] : 0;
        return new Descriptor(new SegmentSelector((ushort)(index << 3 | (_isLocal ? LocalTable : 0))), low, high);
    }

    /// <summary>LDT, TSS (available and busy) and call gates have 16 bytes in long mode.</summary>
    private bool IsWide(ulong low) => _isLong && new Descriptor(default, low, 0) is { IsSystem: true, Type: 2 or 9 or 11 or 12 };
}
