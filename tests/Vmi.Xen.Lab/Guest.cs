using System.Diagnostics;

namespace Vmi.Xen.Lab;

/// <summary>The domain with its program, opened as a session without an operating system.</summary>
internal sealed class Guest : IDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private const ulong Rounds = 0;
    private const ulong Echo = 4;
    private const ulong CpuIdEbx = 8;
    private const ulong Traps = 12;
    private const ulong TscReads = 16;
    private const ulong TscFaults = 20;
    private const ulong Hypercall = 24;
    private const ulong Inbox = 64;
    private const ulong Hurry = 68;

    private Guest(string domain, XenDriver driver, Exercise exercise)
    {
        Domain = domain;
        Driver = driver;
        DomainId = driver.DomainId;
        Exercise = exercise;
        Core = new VmiCore(driver);
        Session = new VmiSession<NoOs>(Core, NoOs.Instance);
    }

    public string Domain { get; }

    public XenDriver Driver { get; }

    public uint DomainId { get; }

    public Exercise Exercise { get; }

    public VmiCore Core { get; }

    public VmiSession<NoOs> Session { get; }

    public uint RoundCount => Core.ReadUInt32(At(Rounds));

    public uint EchoValue => Core.ReadUInt32(At(Echo));

    public uint CpuIdEbxValue => Core.ReadUInt32(At(CpuIdEbx));

    public uint TrapCount => Core.ReadUInt32(At(Traps));

    public uint TscReadCount => Core.ReadUInt32(At(TscReads));

    public uint TscFaultCount => Core.ReadUInt32(At(TscFaults));

    public ulong HypercallResult => Core.ReadUInt64(At(Hypercall));

    public uint InboxValue
    {
        set => Core.WriteUInt32(At(Inbox), value);
    }

    public bool InHurry
    {
        set => Core.WriteUInt32(At(Hurry), value ? 1u : 0);
    }

    /// <summary>A place in the page of code, at the eighth NOP.</summary>
    public Pa CodePlace => Exercise.CodeGfn.Pa + 8;

    public static Guest Open(string domain, Exercise exercise, XenOptions? options = null) =>
        new(domain, XenDriver.Open(domain, options), exercise);

    /// <summary>Waits until something is true of the running guest.</summary>
    public static void Until(Func<bool> condition, string what)
    {
        for (var start = Stopwatch.GetTimestamp(); !condition(); Thread.Sleep(2))
        {
            if (Stopwatch.GetElapsedTime(start) > Patience)
                throw new CheckException($"{what}: not within {Patience.TotalSeconds} s");
        }
    }

    /// <summary>The guest goes on: its own counter says so, some rounds long.</summary>
    public void GoesOn()
    {
        var before = RoundCount;
        Until(() => RoundCount - before >= 3, "the guest goes on");
    }

    /// <summary>Runs a handler loop until the handler has its result.</summary>
    public TResult Handle<TResult>(Func<Handler<TResult>> factory, CancellationToken cancellation = default)
    {
        var outcome = Session.HandleWithTimeout(Patience, _ => factory(), cancellation);
        return outcome.HasResult ? outcome.Result : throw new CheckException($"no result: {outcome.EndedBy}");
    }

    public void Dispose()
    {
        Core.Dispose();
        Driver.Dispose();
    }

    private Pa At(ulong offset) => Exercise.DataGfn.Pa + offset;
}
