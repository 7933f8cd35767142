using Vmi.Amd64;

namespace Vmi.Xen.Lab;

/// <summary>Injection of exceptions.</summary>
internal static class InjectionChecks
{
    public static void Run(Checks checks, Guest guest)
    {
        checks.Check("an injected page fault makes the guest page something in", () =>
        {
            var (core, session, place) = (guest.Core, guest.Session, guest.Exercise.Untouched);
            var root = guest.Handle(() =>
            {
                session.SetMemoryAccess(guest.Exercise.CodeGfn, View.Default, MemoryAccess.ReadWrite);
                var injected = false;
                return new Handler<Pa>((vmi, handler) =>
                {
                    // In the program's own context, at its first instruction in the page of code.
                    if (injected)
                    {
                        handler.Finish(vmi.Event.Registers.TranslationRoot);
                        return VmiEventResponse.Continue;
                    }

                    injected = true;
                    var root = vmi.Event.Registers.TranslationRoot;
                    Expect.True(!vmi.TryReadByte((place, root), out _, out _), "the page is not there before");
                    session.InjectInterrupt(default, Amd64Interrupt.PageFault(place, PageFaultErrorCode.User));
                    return VmiEventResponse.Continue;
                });
            });
            Expect.Equal((byte)0, core.ReadByte((place, root)), "the byte that was paged in");
            guest.GoesOn();
        });
    }
}
