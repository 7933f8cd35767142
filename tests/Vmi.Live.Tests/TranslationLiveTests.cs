using System.Globalization;
using Vmi.Amd64;
using Vmi.Targets;

namespace Vmi.Live.Tests;

/// <summary>Translations and registers against QEMU's own answers for the same vCPU at the same moment.</summary>
public sealed class TranslationLiveTests(GuestFleet fleet)
{
    [Theory]
    [MemberData(nameof(GuestFleet.Names), MemberType = typeof(GuestFleet))]
    public void Addresses_translate_as_QEMU_translates_them(string name)
    {
        var guest = fleet[name];
        using var paused = guest.Guest.Pause();
        using var target = VmiTarget.Open(guest.Target);
        var session = new VmiSession<NoOs>(target.Core, NoOs.Instance);
        var compared = 0;
        for (ushort vcpu = 0; vcpu < guest.Spec.Vcpus; vcpu++)
        {
            var state = session.WithRegisters(target.Core.GetRegisters(new VcpuId(vcpu)));
            guest.Guest.Monitor.Human($"cpu {vcpu}");
            foreach (var address in Interesting(guest, state))
            {
                var answer = guest.Guest.Monitor.Human($"gva2gpa 0x{address:x}").Trim();
                // C's %#x: a zero stands without its 0x.
                var ours = !state.TryTranslate(new Va(address), out var translation, out _) ? "Unmapped"
                    : translation.Pa.Value == 0 ? "gpa: 0" : $"gpa: 0x{translation.Pa.Value:x}";
                Assert.Equal(answer, ours);
                compared += answer == "Unmapped" ? 0 : 1;
            }
        }

        Assert.True(compared > 100, $"{compared} mapped addresses compared");
    }

    [Theory]
    [MemberData(nameof(GuestFleet.Names), MemberType = typeof(GuestFleet))]
    public void Registers_are_those_that_QEMU_shows(string name)
    {
        var guest = fleet[name];
        using var paused = guest.Guest.Pause();
        using var target = VmiTarget.Open(guest.Target);
        var text = guest.Guest.Monitor.Human("info registers -a").Split("CPU#", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(guest.Spec.Vcpus, target.Core.Info.Vcpus);
        for (ushort vcpu = 0; vcpu < guest.Spec.Vcpus; vcpu++)
        {
            var registers = (Amd64Registers)target.Core.GetRegisters(new VcpuId(vcpu));
            foreach (var (label, value) in new (string, ulong)[]
            {
                ("RAX", registers.Rax), ("RBX", registers.Rbx), ("RSP", registers.Rsp), ("R15", registers.R15), ("RIP", registers.Rip),
                ("CR0", registers.Cr0.Value), ("CR2", registers.Cr2), ("CR3", registers.Cr3.Value), ("CR4", registers.Cr4.Value),
                ("EFER", registers.Efer.Value), ("DR6", registers.Dr6.Value), ("DR7", registers.Dr7.Value),
            })
                Assert.Equal(Shown(text[vcpu], label + "="), value);
            Assert.Equal(Shown(text[vcpu], "IDT="), registers.Idtr.Base.Value);
            Assert.Equal(Shown(text[vcpu], "GDT="), registers.Gdtr.Base.Value);
            var refusal = Assert.Throws<RegisterNotAvailableException>(() => registers.Lstar);
            Assert.Contains("LSTAR", refusal.Message, StringComparison.OrdinalIgnoreCase);
        }
    }

    /// <summary>Kernel text, data and stacks, the code and stack of the process that runs, pages the guest named, and nothing.</summary>
    private static IEnumerable<ulong> Interesting(FleetGuest guest, VmiState<NoOs> state)
    {
        var symbols = guest.Truth.Symbols.Where(symbol => symbol.Module is null && symbol.Address >= 0xffff_ffff_8000_0000).ToArray();
        for (var i = 0; i < symbols.Length; i += symbols.Length / 150)
            yield return symbols[i].Address;
        for (ulong offset = 0; offset < 16; offset++)
        {
            yield return state.Registers.InstructionPointer.Value + (offset << 12);
            yield return state.Registers.StackPointer.Value - (offset << 12);
        }

        foreach (var page in guest.Truth.Pages)
            yield return page.Address;
        yield return 0;
        yield return 0x7fff_ffff_f000;
        yield return 0xffff_8000_0000_0000;
        yield return 0xffff_ffff_ffff_f000;
    }

    /// <summary>The number behind a label: the last word of a table's line is its limit, the one before its base.</summary>
    private static ulong Shown(string text, string label)
    {
        var start = text.IndexOf(label, StringComparison.Ordinal) + label.Length;
        var words = text[start..].TrimStart().Split([' ', '\n', '\r'], 2);
        return ulong.Parse(words[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
