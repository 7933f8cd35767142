using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Vmi.Linux;

/// <summary>The kernel's memory, through something that reads: always below the kernel's own root.</summary>
internal sealed class KernelReader(VmiMemory memory, LinuxKernel kernel, LinuxLayouts layouts)
{
    public VmiMemory Memory { get; } = memory;

    public LinuxKernel Kernel { get; } = kernel;

    public LinuxLayouts Layouts { get; } = layouts;

    public VmiLimits Limits => Memory.Limits;

    public AddressContext At(Va address) => new(address, Kernel.TranslationRoot);

    /// <summary>Fills a buffer. An address in the lower half is not the kernel's, so nothing is there.</summary>
    public bool TryRead(Va address, Span<byte> buffer) => address.IsUpperHalf && Memory.TryRead(At(address), buffer, out _);

    public bool TryReadVa(Va address, out Va value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        var succeeded = TryRead(address, bytes);
        value = new Va(succeeded ? BinaryPrimitives.ReadUInt64LittleEndian(bytes) : 0);
        return succeeded;
    }

    public bool TryReadUInt32(Va address, out uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        var succeeded = TryRead(address, bytes);
        value = succeeded ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : 0;
        return succeeded;
    }

    public StructReader ReadStruct(Va address, StructLayout layout) => new(Memory, At(address), layout.Length);

    public bool TryReadStruct(Va address, StructLayout layout, [NotNullWhen(true)] out StructReader? structure)
    {
        structure = null;
        return address.IsUpperHalf && StructReader.TryRead(Memory, At(address), layout.Length, out structure, out _);
    }

    /// <summary>A string that ends with a zero byte, cut at <paramref name="limit"/>; null if its memory is not there.</summary>
    public byte[]? ReadText(Va address, int limit) =>
        address.IsUpperHalf && Memory.TryReadStringBytes(At(address), limit, out var text, out _) ? text : null;

    /// <summary>The address of a symbol of the kernel.</summary>
    /// <exception cref="Symbols.ProfileException">There is none.</exception>
    public Va Symbol(string name) => Kernel.Profile.Symbol(name);

    /// <summary>Whether a pointer of the guest's is the address of one of the kernel's functions.</summary>
    public bool IsFunction(Va pointer, string name) => Kernel.Profile.Resolve(pointer) is { Offset: 0 } found && found.Name == name;
}
