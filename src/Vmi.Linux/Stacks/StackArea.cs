using System.Buffers.Binary;

namespace Vmi.Linux;

/// <summary>A kernel stack. Its pages are read when they are first needed, each once.</summary>
/// <param name="kernel">What reads.</param>
/// <param name="begin">Its lowest address.</param>
/// <param name="size">Bytes; bounded by who found it.</param>
internal sealed class StackArea(KernelReader kernel, ulong begin, ulong size)
{
    private readonly byte[]?[] _pages = new byte[]?[(int)((size + 2 * Frame.Size - 2) / Frame.Size)];

    /// <summary>Whether a stack pointer is in it; at its end it is empty.</summary>
    public bool Holds(ulong stackPointer) => stackPointer - begin - 1 < size;

    /// <summary>Whether a whole word at an address is in it.</summary>
    public bool HasWord(ulong address) => size >= sizeof(ulong) && address - begin <= size - sizeof(ulong);

    /// <summary>Reads a word that is in it; false if its memory is not there.</summary>
    public bool TryRead(ulong address, out ulong value)
    {
        value = 0;
        ref var page = ref _pages[(int)((address & ~(ulong)(Frame.Size - 1)) - (begin & ~(ulong)(Frame.Size - 1))) / Frame.Size];
        if (page is null)
        {
            var bytes = new byte[Frame.Size];
            if (!kernel.TryRead(new Va(address & ~(ulong)(Frame.Size - 1)), bytes))
                return false;
            page = bytes;
        }

        value = BinaryPrimitives.ReadUInt64LittleEndian(page.AsSpan((int)(address % Frame.Size)));
        return true;
    }
}
