using Vmi.Amd64;

namespace Vmi.Xen.Lab;

/// <summary>However a loop ends, the guest goes on and another can begin.</summary>
internal static class EndingChecks
{
    public static void Run(Checks checks, Guest guest)
    {
        var session = guest.Session;
        checks.Check("a loop ended by an exception leaves the guest as it was", () =>
        {
            Expect.Throws<CheckException>(
                () => guest.Handle(() => Busy(guest, (_, _) => throw new CheckException("on purpose"))), "the loop");
            AsBefore(guest);
        });
        checks.Check("a loop ended by cancellation leaves the guest as it was", () =>
        {
            using var cancellation = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            var outcome = session.HandleWithTimeout(
                Guest.Patience, _ => Busy(guest, (_, _) => VmiEventResponse.Emulate), cancellation.Token);
            Expect.Equal(VmiEnding.Cancelled, outcome.EndedBy, "the end");
            AsBefore(guest);
        });
        checks.Check("a callback that throws outside of a loop has its event answered", () =>
        {
            session.MonitorEnable(new Amd64Monitor.Cr3());
            Expect.Throws<CheckException>(
                () => session.WaitForEvent(Guest.Patience, _ => throw new CheckException("on purpose")), "the wait");
            session.MonitorDisable(new Amd64Monitor.Cr3());
            // Another may wait in the ring, which nobody looks at between two waits.
            session.ResetState();
            AsBefore(guest);
        });
        checks.Check("an answer with a view that is not there is refused, and the event answered", () =>
        {
            Expect.Throws<VmiViewNotFoundException>(
                () => guest.Handle(() => Busy(guest, (_, _) => VmiEventResponse.Continue.WithView(new View(7)))), "the loop");
            AsBefore(guest);
        });
        checks.Check("disposing of a driver takes back what it set up", () =>
        {
            using (var other = Guest.Open(guest.Domain, guest.Exercise))
            {
                other.Session.MonitorEnable(new Amd64Monitor.Cr3());
                other.Session.AllocateNextAvailableGfn();
                other.Session.Pause();
            }

            AsBefore(guest);
        });
        checks.Check("a second tracer is refused as long as there is one", () =>
        {
            session.MonitorEnable(new Amd64Monitor.CpuId());
            session.MonitorDisable(new Amd64Monitor.CpuId());
            using var other = Guest.Open(guest.Domain, guest.Exercise);
            Expect.Throws<VmiDriverException>(() => other.Session.MonitorEnable(new Amd64Monitor.Cr3()), "the second");
            session.ResetState();
            AsBefore(guest);
        });
    }

    /// <summary>A loop with rights, a view, a monitor and a frame.</summary>
    public static Handler<bool> Busy(Guest guest, Func<VmiContext<NoOs>, Handler<bool>, VmiEventResponse> answer)
    {
        var session = guest.Session;
        var view = session.CreateView(MemoryAccess.ReadWriteExecute);
        session.SetMemoryAccess(guest.Exercise.DataGfn, view, MemoryAccess.ReadExecute);
        session.SetMemoryAccess(guest.Exercise.CodeGfn, View.Default, MemoryAccess.ReadExecute);
        session.AllocateNextAvailableGfn();
        session.SwitchToView(view);
        return new Handler<bool>(answer);
    }

    public static void AsBefore(Guest guest)
    {
        guest.GoesOn();
        Expect.Equal(MemoryAccess.ReadWriteExecute, guest.Core.GetMemoryAccess(guest.Exercise.CodeGfn, View.Default), "the rights");
        using var domain = XenDomain.Open(guest.Driver.DomainId);
        Expect.True(!domain.HasViews(), "no views are in use");
        using (var other = Guest.Open(guest.Domain, guest.Exercise))
        {
            other.Handle(() =>
            {
                other.Session.MonitorEnable(new Amd64Monitor.Cr3());
                return new Handler<bool>((_, handler) =>
                {
                    handler.Finish(true);
                    return VmiEventResponse.Continue;
                });
            });
        }

        guest.GoesOn();
    }
}
