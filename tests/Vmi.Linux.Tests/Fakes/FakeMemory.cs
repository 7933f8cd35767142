using System.Buffers.Binary;
using Vmi.Amd64;

namespace Vmi.Linux.Tests.Fakes;

/// <summary>A machine of a few MiB in an array. Frames can be taken out.</summary>
internal sealed class FakeMemory(int length) : IVmiRead
{
    private readonly HashSet<Gfn> _missing = [];

    public string Name => "fake";

    public Architecture Architecture => Amd64Architecture.Instance;

    public bool IsLive => false;

    public VmiInfo Info => new(new Gfn((ulong)(length >> Frame.Shift) - 1), 1);

    public byte[] Bytes { get; } = new byte[length];

    public IReadOnlyList<PhysicalRange> MemoryMap => [new PhysicalRange(default, (ulong)length)];

    /// <summary>Is told of each read.</summary>
    public Action? BeforeRead { get; set; }

    public void Remove(Pa address) => _missing.Add(address.Gfn);

    public void Write(ulong address, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Bytes.AsSpan((int)address), value);

    public int Read(Pa address, Span<byte> destination)
    {
        BeforeRead?.Invoke();
        var done = 0;
        while (done < destination.Length)
        {
            var at = address + (ulong)done;
            if (at.Value >= (ulong)Bytes.Length || _missing.Contains(at.Gfn))
                break;
            var part = Math.Min(destination.Length - done, Frame.Size - at.FrameOffset);
            Bytes.AsSpan((int)at.Value, part).CopyTo(destination[done..]);
            done += part;
        }

        return done;
    }

    public void Dispose()
    {
    }
}
