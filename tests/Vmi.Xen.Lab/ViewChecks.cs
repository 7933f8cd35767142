using Vmi.Amd64;

namespace Vmi.Xen.Lab;

/// <summary>Alternate views.</summary>
internal static class ViewChecks
{
    private const int Hits = 100;

    public static void Run(Checks checks, Guest guest)
    {
        var (core, session, exercise) = (guest.Core, guest.Session, guest.Exercise);
        checks.Check("views are made, answer with their default, and are destroyed", () =>
        {
            var first = session.CreateView(MemoryAccess.ReadWriteExecute);
            var second = session.CreateView(MemoryAccess.ReadExecute);
            Expect.True(first != second && first != View.Default, $"the views are {first} and {second}");
            Expect.Equal(MemoryAccess.ReadWriteExecute, core.GetMemoryAccess(exercise.DataGfn, first), "the first's default");
            Expect.Equal(MemoryAccess.ReadExecute, core.GetMemoryAccess(exercise.DataGfn, second), "the second's default");
            session.SetMemoryAccess(exercise.DataGfn, first, MemoryAccess.Read);
            Expect.Equal(MemoryAccess.Read, core.GetMemoryAccess(exercise.DataGfn, first), "a frame of the first");
            Expect.Equal(MemoryAccess.ReadWriteExecute, core.GetMemoryAccess(exercise.DataGfn, View.Default), "the default view's frame");
            session.DestroyView(second);
            Expect.Throws<VmiViewNotFoundException>(() => session.SwitchToView(second), "switching to a view that is gone");
            session.ResetState();
            Expect.Throws<VmiViewNotFoundException>(() => session.SwitchToView(first), "switching to a view that was taken back");
        });
        checks.Check("a write forbidden in a view is seen, stepped in the default view, and seen again", () =>
        {
            var rounds = guest.Handle(() =>
            {
                var view = session.CreateView(MemoryAccess.ReadWriteExecute);
                session.SetMemoryAccess(exercise.DataGfn, view, MemoryAccess.ReadExecute);
                session.MonitorEnable(new Amd64Monitor.Singlestep());
                session.SwitchToView(view);
                var before = guest.RoundCount;
                var steps = 0;
                return new Handler<uint>((vmi, handler) =>
                {
                    if (vmi.Event.Reason.IsSinglestep)
                    {
                        Expect.Equal(View.Default, vmi.Event.View!.Value, "the view of the step");
                        if (++steps == 20)
                            handler.Finish(guest.RoundCount - before);
                        return VmiEventResponse.Continue.WithView(view);
                    }

                    Expect.Equal(view, vmi.Event.View!.Value, "the view of the write");
                    return VmiEventResponse.Singlestep.WithView(View.Default);
                });
            });
            Expect.True(rounds > 0, "the guest's counter went on");
            guest.GoesOn();
        });
        checks.Check("a change in the default view leaves the other views' rights alone", () =>
        {
            var view = session.CreateView(MemoryAccess.ReadWriteExecute);
            session.SetMemoryAccess(exercise.CodeGfn, view, MemoryAccess.Read);
            session.SetMemoryAccess(exercise.CodeGfn, View.Default, MemoryAccess.ReadExecute);
            Expect.Equal(MemoryAccess.Read, core.GetMemoryAccess(exercise.CodeGfn, view), "the view's");
            Expect.Equal(MemoryAccess.ReadExecute, core.GetMemoryAccess(exercise.CodeGfn, View.Default), "the default view's");
            session.ResetState();
            Expect.Equal(MemoryAccess.ReadWriteExecute, core.GetMemoryAccess(exercise.CodeGfn, View.Default), "the rights at the end");
        });
        checks.Check("a frame that takes another's place in a view is written at any time", () =>
        {
            var view = session.CreateView(MemoryAccess.ReadWriteExecute);
            session.SwitchToView(view);
            session.Pause();
            try
            {
                var shadow = session.AllocateNextAvailableGfn();
                core.WriteUInt64(shadow.Pa, 1);
                session.ChangeViewGfn(view, exercise.CodeGfn, shadow);
                Expect.True(core.TryWrite(shadow.Pa, new byte[Frame.Size], out _), "written after the change");
                session.SetMemoryAccess(exercise.CodeGfn, view, MemoryAccess.Execute);
                Expect.True(core.TryWrite(shadow.Pa, core.ReadPage(exercise.CodeGfn).ToArray(), out _), "written after the rights");
                Expect.True(core.TryWriteByte(shadow.Pa + 8, 0x90, out _), "a byte written");
            }
            finally
            {
                session.ResetState();
                session.Resume();
            }
        });
        checks.Check($"a breakpoint in a shadow frame is hit {Hits} times, once a round, unseen", () => Shadow(guest));
        checks.Check("the guest goes on after its views", guest.GoesOn);
    }

    private static void Shadow(Guest guest)
    {
        var (core, session, exercise) = (guest.Core, guest.Session, guest.Exercise);
        var traps = guest.TrapCount;
        var highest = guest.Driver.Info.MaxGfn;
        var (rounds, reads) = guest.Handle(() =>
        {
            var view = session.CreateView(MemoryAccess.ReadWriteExecute);
            session.Pause();
            var shadow = session.AllocateNextAvailableGfn();
            core.Write(shadow.Pa, core.ReadPage(exercise.CodeGfn).ToArray());
            core.WriteByte(shadow.Pa + 8, 0xcc);
            session.ChangeViewGfn(view, exercise.CodeGfn, shadow);
            session.SetMemoryAccess(exercise.CodeGfn, view, MemoryAccess.Execute);
            session.MonitorEnable(new Amd64Monitor.Interrupt(ExceptionVector.Breakpoint));
            session.SwitchToView(view);
            var before = guest.RoundCount;
            session.Resume();
            var hits = 0;
            var reads = 0;
            return new Handler<(uint Rounds, int Reads)>((vmi, handler) =>
            {
                if (vmi.Event.Reason is Amd64EventReason.MemoryAccess)
                    reads++;
                else if (++hits == Hits)
                    handler.Finish((guest.RoundCount - before, reads));
                return VmiEventResponse.FastSinglestep(View.Default);
            });
        });
        Expect.True(rounds is Hits or Hits - 1, $"{Hits} hits in {rounds} rounds");
        Expect.Equal((byte)0x90, core.ReadByte(guest.CodePlace), "the original byte");
        Expect.Equal(traps, guest.TrapCount, "the guest's SIGTRAPs");
        Expect.True(guest.Driver.ReadPage(highest + 1) is null, "the shadow frame is freed");
    }
}
