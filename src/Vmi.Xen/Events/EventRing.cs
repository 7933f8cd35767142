using System.Runtime.CompilerServices;

namespace Vmi.Xen;

/// <summary>
/// Our end of a page shared with Xen (xen/io/ring.h): requests that are taken, and answers that are put in their places, in the same
/// order. No guest can write it.
/// </summary>
internal sealed unsafe class EventRing
{
    /// <summary>The events that the page holds: as many as fit, as a power of two.</summary>
    public const int Capacity = 8;

    // struct vm_event_sring
    internal const int RequestsProduced = 0;
    internal const int RequestEvent = 4;
    internal const int AnswersProduced = 8;
    internal const int AnswerEvent = 12;
    internal const int FirstEntry = 64;

    private readonly byte* _page;
    private uint _taken;
    private uint _answered;

    /// <summary>Makes an empty ring of a page.</summary>
    /// <param name="page">Its first byte; <see cref="Frame.Size"/> bytes stay valid as long as this is used.</param>
    public EventRing(byte* page)
    {
        _page = page;
        new Span<byte>(page, FirstEntry).Clear();
        Index(RequestEvent) = 1;
        Index(AnswerEvent) = 1;
    }

    /// <summary>Requests that were not taken yet.</summary>
    public int Pending => (int)Math.Min(Volatile.Read(ref Index(RequestsProduced)) - _taken, Capacity - (_taken - _answered));

    /// <summary>Takes the next request; false if there is none. Each that is taken must be answered.</summary>
    public bool TryTake(out VmEvent request)
    {
        if (Pending <= 0)
        {
            // A bell for the very next one; it may have come meanwhile.
            Volatile.Write(ref Index(RequestEvent), _taken + 1);
            Interlocked.MemoryBarrier();
            if (Pending <= 0)
            {
                request = default;
                return false;
            }
        }

        request = Unsafe.ReadUnaligned<VmEvent>(Entry(_taken));
        _taken++;
        return true;
    }

    /// <summary>Puts the answer to the oldest request that has none yet; Xen looks when it is told so.</summary>
    public void Answer(in VmEvent answer)
    {
        Unsafe.WriteUnaligned(Entry(_answered), answer);
        _answered++;
        Volatile.Write(ref Index(AnswersProduced), _answered);
    }

    private byte* Entry(uint index) => _page + FirstEntry + (index & (Capacity - 1)) * VmEvent.Size;

    private ref uint Index(int offset) => ref *(uint*)(_page + offset);
}
