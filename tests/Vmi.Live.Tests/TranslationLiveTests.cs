using System.Text.Json.Nodes;
using Vmi.Targets;

namespace Vmi.Live.Tests;

/// <summary>Translations against QEMU's own answers for the same vCPU at the same moment.</summary>
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
            foreach (var address in Interesting(guest, state))
            {
                var answer = QemuTranslates(guest, vcpu, address);
                // C's %#x: a zero stands without its 0x.
                var ours = !state.TryTranslate(new Va(address), out var translation, out _) ? "Unmapped"
                    : translation.Pa.Value == 0 ? "gpa: 0" : $"gpa: 0x{translation.Pa.Value:x}";
                Assert.Equal(answer, ours);
                compared += answer == "Unmapped" ? 0 : 1;
            }
        }

        Assert.True(compared > 100, $"{compared} mapped addresses compared");
    }

    private static string QemuTranslates(FleetGuest guest, int vcpu, ulong address) => guest.Guest.Monitor.Execute(
        "human-monitor-command",
        new JsonObject { ["command-line"] = $"gva2gpa 0x{address:x}", ["cpu-index"] = vcpu }).GetString()!.Trim();

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
}
