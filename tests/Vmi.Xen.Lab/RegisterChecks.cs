using Vmi.Amd64;

namespace Vmi.Xen.Lab;

/// <summary>Registers, and pauses.</summary>
internal static class RegisterChecks
{
    public static void Run(Checks checks, Guest guest)
    {
        var core = guest.Core;
        checks.Check("all registers are read", () =>
        {
            var registers = (Amd64Registers)core.GetRegisters(default);
            Expect.Equal(Amd64RegisterGroups.All & ~Amd64RegisterGroups.Sse, registers.Available, "the groups available");
            Expect.Equal(PagingLevels.Four, registers.PagingMode.Levels, "the paging mode");
            Expect.True(registers.Efer.LongModeActive, "EFER.LMA is set");
            Expect.True(registers.Cs.LongMode && registers.Cs.Present && registers.Cs.IsCode, $"CS is 64-bit code: {registers.Cs}");
            Expect.True(registers.Tr.Present && registers.Tr.Limit >= 0x67, $"TR is a task-state segment: {registers.Tr}");
            var lstar = registers[Amd64Register.Lstar];
            Expect.True(lstar > 0xffff_8000_0000_0000, $"LSTAR is the kernel's: {lstar:x}");
            Expect.True(registers.Idtr.Limit == 0xfff && registers.Idtr.Base.Value > 0xffff_8000_0000_0000, $"IDTR is {registers.Idtr}");
            Expect.True((registers[Amd64Register.Xcr0] & 3) == 3, $"XCR0 is {registers[Amd64Register.Xcr0]:x}");
            Expect.True(registers[Amd64Register.Cr8] <= 15, $"CR8 is {registers[Amd64Register.Cr8]:x}");
            Expect.True(core.TryReadUInt64(registers.TranslationRoot, out _, out _), "the root is in memory");
        });
        checks.Check("a paused guest stands still, and goes on", () =>
        {
            using (core.PauseGuard())
            {
                var before = guest.RoundCount;
                Thread.Sleep(200);
                Expect.Equal(before, guest.RoundCount, "the guest's counter");
            }

            guest.GoesOn();
        });
        checks.Check("registers of each group are set and read back", () =>
        {
            using var pause = core.PauseGuard();
            var before = (Amd64Registers)core.GetRegisters(default);
            var wanted = before.Clone();
            wanted.R15 = 0x1234_5678_9abc_def0;
            wanted[Amd64Register.Dr0] = 0x4000;
            wanted[Amd64Register.Cr2] = 0x5000;
            wanted[Amd64Register.KernelGsBase] = 0x7fff_1234_5000;
            wanted[Amd64Register.TscAux] = 5;
            core.SetRegisters(default, wanted);
            var after = (Amd64Registers)core.GetRegisters(default);
            Expect.True(!after.Differences(wanted).Any(), $"these differ: {string.Join(' ', after.Differences(wanted))}");
            core.SetRegisters(default, before);
            after = (Amd64Registers)core.GetRegisters(default);
            Expect.True(!after.Differences(before).Any(), $"not restored: {string.Join(' ', after.Differences(before))}");
        });
        checks.Check("a register that can't be written is refused by name, and none is written", () =>
        {
            using var pause = core.PauseGuard();
            var before = (Amd64Registers)core.GetRegisters(default);
            var wanted = before.Clone();
            wanted.R15 ^= 1;
            wanted[Amd64Register.Cr8] ^= 1;
            var refused = Expect.Throws<VmiNotSupportedException>(() => core.SetRegisters(default, wanted), "writing CR8");
            Expect.True(refused.Message.Contains("CR8", StringComparison.OrdinalIgnoreCase), refused.Message);
            Expect.Equal(before.R15, ((Amd64Registers)core.GetRegisters(default)).R15, "R15");
        });
        checks.Check("the guest goes on after its registers were set", guest.GoesOn);
    }
}
