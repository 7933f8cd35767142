using Vmi.Amd64;

namespace Vmi.Xen.Lab;

/// <summary>The rights of frames in the default view.</summary>
internal static class RightsChecks
{
    public static void Run(Checks checks, Guest guest)
    {
        var (core, session, exercise) = (guest.Core, guest.Session, guest.Exercise);
        checks.Check("a frame has all rights", () =>
            Expect.Equal(MemoryAccess.ReadWriteExecute, core.GetMemoryAccess(exercise.DataGfn, View.Default), "the rights"));
        checks.Check("a forbidden write is seen with its address", () =>
        {
            var touched = Touched(guest, exercise.DataGfn, MemoryAccess.ReadExecute);
            Expect.True((touched.Access & MemoryAccess.Write) != 0, $"the access is {touched.Access}");
            Expect.Equal(exercise.DataGfn, touched.Pa.Gfn, "the frame");
            Expect.True(touched.Va is { } va && (va.Value & ~0xFFFUL) == exercise.Data.Value, $"the address is {touched.Va}");
        });
        checks.Check("a forbidden execution is seen", () =>
        {
            var touched = Touched(guest, exercise.CodeGfn, MemoryAccess.ReadWrite);
            Expect.Equal(MemoryAccess.Execute, touched.Access, "the access");
            Expect.Equal(exercise.Code, touched.Va!.Value, "the address");
        });
        checks.Check("a forbidden touch is emulated, and the rights stay", () =>
        {
            var (before, after) = guest.Handle(() =>
            {
                var first = guest.RoundCount;
                session.SetMemoryAccess(exercise.DataGfn, View.Default, MemoryAccess.None);
                return new Handler<(uint Before, uint After)>((_, handler) =>
                {
                    if (guest.RoundCount != first)
                        handler.Finish((first, guest.RoundCount));
                    return VmiEventResponse.Emulate;
                });
            });
            Expect.True(after > before, "the guest's counter went on");
        });
        checks.Check("rights are read back, and given back at the end of the loop", () =>
        {
            guest.Handle(() =>
            {
                session.SetMemoryAccess(exercise.CodeGfn, View.Default, MemoryAccess.ReadWrite);
                Expect.Equal(MemoryAccess.ReadWrite, core.GetMemoryAccess(exercise.CodeGfn, View.Default), "the rights");
                return new Handler<bool>((_, handler) =>
                {
                    handler.Finish(true);
                    return VmiEventResponse.Continue;
                });
            });
            Expect.Equal(MemoryAccess.ReadWriteExecute, core.GetMemoryAccess(exercise.CodeGfn, View.Default), "the rights at the end");
            guest.GoesOn();
        });
        checks.Check("rights of many frames are set in one call", () =>
        {
            var frames = new Gfn[0x2000];
            for (var i = 0; i < frames.Length; i++)
                frames[i] = new Gfn((ulong)i + 0x400);
            session.Pause();
            try
            {
                session.SetMemoryAccess(frames, View.Default, MemoryAccess.ReadExecute);
                Expect.Equal(MemoryAccess.ReadExecute, core.GetMemoryAccess(frames[^1], View.Default), "the last one's rights");
                session.ResetState();
                Expect.Equal(MemoryAccess.ReadWriteExecute, core.GetMemoryAccess(frames[^1], View.Default), "the rights at the end");
            }
            finally
            {
                session.Resume();
            }
        });
        checks.Check("rights that no page table has are refused", () =>
        {
            Expect.Throws<VmiNotSupportedException>(
                () => session.SetMemoryAccess(exercise.DataGfn, View.Default, MemoryAccess.Write), "writing without reading");
            if (guest.Driver.Hypervisor >= new Version(4, 18))
            {
                // Whether page walks are let through is up to the CPU, and Bochs' has no control for it.
                session.SetMemoryAccessWithOptions(
                    exercise.DataGfn, View.Default, MemoryAccess.Read, MemoryAccessOptions.IgnorePageWalkUpdates);
                Expect.Equal(
                    (MemoryAccess.Read, MemoryAccessOptions.IgnorePageWalkUpdates),
                    core.GetMemoryAccessWithOptions(exercise.DataGfn, View.Default), "the rights with the option");
                session.ResetState();
                return;
            }

            var refused = Expect.Throws<VmiNotSupportedException>(
                () => session.SetMemoryAccessWithOptions(
                    exercise.DataGfn, View.Default, MemoryAccess.Read, MemoryAccessOptions.IgnorePageWalkUpdates), "the option");
            Expect.True(refused.Message.Contains("4.18", StringComparison.Ordinal), refused.Message);
        });
        checks.Check("the guest goes on after its rights were changed", guest.GoesOn);
    }

    private static Amd64EventReason.MemoryAccess Touched(Guest guest, Gfn gfn, MemoryAccess allowed) =>
        guest.Handle(() =>
        {
            guest.Session.SetMemoryAccess(gfn, View.Default, allowed);
            return new Handler<Amd64EventReason.MemoryAccess>((vmi, handler) =>
            {
                handler.Finish(vmi.Event.Reason as Amd64EventReason.MemoryAccess
                    ?? throw new CheckException($"the event is {vmi.Event.Reason}"));
                return VmiEventResponse.Continue;
            });
        });
}
