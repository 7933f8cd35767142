using System.Runtime.InteropServices;

namespace Vmi.Xen.Tests;

/// <summary>Xen's end of a ring in plain memory: raises events and takes the answers.</summary>
internal sealed unsafe class ScriptedRing : IEventChannel
{
    private readonly byte* _page = (byte*)NativeMemory.AllocZeroed(Frame.Size);
    private uint _answersTaken;

    public ScriptedRing()
    {
        // What an earlier use of the page has left must not be taken for events.
        new Span<byte>(_page, Frame.Size).Fill(0xEE);
        Ring = new EventRing(_page);
    }

    public EventRing Ring { get; }

    /// <summary>How often the bell was rung.</summary>
    public int Bells { get; private set; }

    /// <summary>The answers that can be seen when the bell rings, in order.</summary>
    public List<VmEvent> Answers { get; } = [];

    /// <summary>What Xen does once it has been told of an answer: raises another event, for one.</summary>
    public Action? OnBell { get; set; }

    public uint RequestEvent => *(uint*)(_page + EventRing.RequestEvent);

    private ref uint Produced => ref *(uint*)(_page + EventRing.RequestsProduced);

    public void Raise(in VmEvent request)
    {
        Assert.True(Produced - _answersTaken < EventRing.Capacity, "Xen never overfills the ring.");
        MemoryMarshal.Write(new Span<byte>(Entry(Produced), VmEvent.Size), request);
        Volatile.Write(ref Produced, Produced + 1);
    }

    public bool Wait(int milliseconds) => Ring.Pending > 0;

    public void Notify()
    {
        Bells++;
        var produced = Volatile.Read(ref *(uint*)(_page + EventRing.AnswersProduced));
        while (_answersTaken != produced)
            Answers.Add(MemoryMarshal.Read<VmEvent>(new ReadOnlySpan<byte>(Entry(_answersTaken++), VmEvent.Size)));
        OnBell?.Invoke();
    }

    public void Dispose() => NativeMemory.Free(_page);

    private byte* Entry(uint index) => _page + EventRing.FirstEntry + index % EventRing.Capacity * VmEvent.Size;
}
