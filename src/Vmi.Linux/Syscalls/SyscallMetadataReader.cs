using System.Buffers.Binary;
using System.Text;

namespace Vmi.Linux;

/// <summary>
/// Reads the kernel's `struct syscall_metadata`. Their array (`__start_syscalls_metadata`) lies in memory that the kernel frees after
/// its start; the structures stay, and each has a symbol: `__syscall_meta__NAME`.
/// </summary>
internal sealed class SyscallMetadataReader(KernelReader kernel)
{
    public const int MostParameters = 6;
    private const int LongestName = 64;
    private const int LongestType = 128;

    private readonly SyscallMetadataLayout _layout = new(kernel.Kernel.Profile);

    /// <summary>What is said of one call; null if it is not there, or not sound: the kernel may be anybody's.</summary>
    /// <param name="address">The structure.</param>
    /// <param name="name">The call, without `sys_`.</param>
    public SyscallMetadata? TryRead(Va address, string name)
    {
        if (!kernel.TryReadStruct(address, _layout, out var structure)
            || Text(structure.ReadVa(_layout.SyscallName), LongestName) != "sys_" + name)
            return null;
        var count = structure.Read(_layout.ArgumentCount);
        if (count > MostParameters)
            return null;
        var number = (int)structure.Read(_layout.SyscallNumber);
        if (count == 0)
            return new SyscallMetadata(number, []);

        Span<Va> types = stackalloc Va[(int)count];
        Span<Va> names = stackalloc Va[(int)count];
        if (!TryReadPointers(structure.ReadVa(_layout.Types), types) || !TryReadPointers(structure.ReadVa(_layout.Arguments), names))
            return null;
        var parameters = new (string Type, string Name)[count];
        for (var i = 0; i < parameters.Length; i++)
        {
            if (Text(types[i], LongestType) is not { Length: > 0 } type || Text(names[i], LongestName) is not { Length: > 0 } parameter)
                return null;
            parameters[i] = (type, parameter);
        }

        return new SyscallMetadata(number, parameters);
    }

    private bool TryReadPointers(Va address, Span<Va> pointers)
    {
        Span<byte> bytes = stackalloc byte[MostParameters * sizeof(ulong)];
        bytes = bytes[..(pointers.Length * sizeof(ulong))];
        if (!kernel.TryRead(address, bytes))
            return false;
        for (var i = 0; i < pointers.Length; i++)
            pointers[i] = new Va(BinaryPrimitives.ReadUInt64LittleEndian(bytes[(i * sizeof(ulong))..]));
        return true;
    }

    /// <summary>A piece of C: printable ASCII, whole within the bound; else null.</summary>
    private string? Text(Va address, int longest)
    {
        var text = kernel.ReadText(address, longest);
        return text is null || text.Length == longest || text.AsSpan().ContainsAnyExceptInRange((byte)' ', (byte)'~')
            ? null
            : Encoding.ASCII.GetString(text);
    }
}
