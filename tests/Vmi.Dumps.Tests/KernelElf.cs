using System.Buffers.Binary;

namespace Vmi.Dumps.Tests;

/// <summary>Makes QEMU's ELF vmcore one that makedumpfile takes.</summary>
internal static class KernelElf
{
    /// <summary>
    /// Copies a vmcore. makedumpfile takes it that the program headers follow the ELF header, as in the kernel's own; QEMU puts section
    /// headers between them. There is room to move them.
    /// </summary>
    public static void Write(string qemu, string path)
    {
        using var source = File.OpenRead(qemu);
        using var file = File.Create(path);
        var head = new byte[1024];
        source.ReadExactly(head);
        var at = (int)BinaryPrimitives.ReadUInt64LittleEndian(head.AsSpan(32));
        var bytes = BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(56)) * 56;
        head.AsSpan(at, bytes).CopyTo(head.AsSpan(64));
        BinaryPrimitives.WriteUInt64LittleEndian(head.AsSpan(32), 64);
        BinaryPrimitives.WriteUInt64LittleEndian(head.AsSpan(40), 0);
        head.AsSpan(60, 4).Clear();
        file.Write(head);
        source.CopyTo(file);
    }
}
