using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Vmi.Cli.Tests;
using Vmi.Guests;

namespace Vmi.Live.Tests;

/// <summary>The `vmi` command as a process against what the guest printed and what QEMU says.</summary>
public sealed partial class CommandLiveTests(GuestFleet fleet)
{
    private const string FileGuest = "Small61", LiveGuest = "Large612", PublishedGuest = "Forged612";

    [Fact]
    public void Every_command_says_of_a_memory_file_what_the_guest_printed() =>
        CompareAll(VmiCommandLine.Built, fleet[FileGuest].Elf, fleet[FileGuest]);

    [Fact]
    public void Every_command_says_of_a_live_guest_what_it_printed() =>
        CompareAll(VmiCommandLine.Built, fleet[LiveGuest].Target, fleet[LiveGuest]);

    /// <summary>The gate publishes before it tests; without eng/publish-cli.sh the built command has to do.</summary>
    [Fact]
    public void The_published_command_says_the_same() => CompareAll(
        File.Exists(VmiCommandLine.Published) ? VmiCommandLine.Published : VmiCommandLine.Built,
        fleet[PublishedGuest].Target, fleet[PublishedGuest]);

    [Theory]
    [MemberData(nameof(GuestFleet.Names), MemberType = typeof(GuestFleet))]
    public void Registers_are_those_that_QEMU_shows(string name)
    {
        var guest = fleet[name];
        using var paused = guest.Guest.Pause();
        var shown = guest.Guest.Monitor.Human("info registers -a").Split("CPU#").Skip(1).ToList();
        var vcpus = Ask(guest)("registers").EnumerateArray().ToList();
        Assert.Equal(guest.Spec.Vcpus, vcpus.Count);
        for (var i = 0; i < vcpus.Count; i++)
        {
            Assert.Equal(i, vcpus[i].GetProperty("vcpu").GetInt32());
            var compared = 0;
            foreach (Match match in NamedValue().Matches(shown[i]))
            {
                var register = match.Groups[1].Value.ToLowerInvariant();
                if (!vcpus[i].TryGetProperty(register == "rfl" ? "rflags" : register, out _))
                    continue;
                Assert.Equal(Hex(match.Groups[2]), CommandComparisons.Hex(vcpus[i], register == "rfl" ? "rflags" : register));
                compared++;
            }

            // RAX to R15, RIP, RFLAGS, CR0 to CR4, DR0 to DR3, DR6, DR7, EFER.
            Assert.Equal(29, compared);
            foreach (Match match in Segment().Matches(shown[i]))
            {
                var segment = vcpus[i].GetProperty(match.Groups[1].Value is "LDT" ? "ldtr" : match.Groups[1].Value.ToLowerInvariant());
                Assert.Equal(Hex(match.Groups[2]), CommandComparisons.Hex(segment, "selector"));
                Assert.Equal(Hex(match.Groups[3]), CommandComparisons.Hex(segment, "base"));
                Assert.Equal(Hex(match.Groups[4]), CommandComparisons.Hex(segment, "limit"));
            }

            Assert.Equal(JsonValueKind.Null, vcpus[i].GetProperty("lstar").ValueKind);
        }
    }

    [Theory]
    [MemberData(nameof(GuestFleet.Names), MemberType = typeof(GuestFleet))]
    public void An_address_translates_as_QEMU_translates_it(string name)
    {
        var guest = fleet[name];
        using var paused = guest.Guest.Pause();
        var last = guest.Spec.Vcpus - 1;
        var registers = Ask(guest)("registers")[last];
        foreach (var address in new[] { CommandComparisons.Hex(registers, "rip"), CommandComparisons.Hex(registers, "rsp"), 0x1000UL })
        {
            var question = new JsonObject { ["command-line"] = $"gva2gpa 0x{address:x}", ["cpu-index"] = last };
            var answer = guest.Guest.Monitor.Execute("human-monitor-command", question).GetString()!.Trim();
            var walk = Ask(guest)("translate", $"0x{address:x}", "--vcpu", last.ToString(CultureInfo.InvariantCulture));
            Assert.Equal(answer, CommandComparisons.Text(walk, "physical_address") is { } physical ? $"gpa: {physical}" : "Unmapped");
        }
    }

    [Fact]
    public void The_list_has_each_running_guest()
    {
        var guests = GuestSpecs.All.Select(spec => fleet[spec.Name]).ToList();
        var vms = VmiCommandLine.Run("list", "--json").Json.EnumerateArray().ToDictionary(vm => vm.GetProperty("pid").GetInt32());
        foreach (var guest in guests)
        {
            var vm = vms[guest.Guest.Pid];
            Assert.Equal((guest.Target, guest.Spec.Name), (CommandComparisons.Text(vm, "target"), CommandComparisons.Text(vm, "name")));
            Assert.Equal((ulong)guest.Spec.MemoryMiB << 20, vm.GetProperty("memory_bytes").GetUInt64());
            Assert.Equal(guest.Spec.Accelerator, CommandComparisons.Text(vm, "accelerator"));
        }
    }

    private static CommandComparisons.Ask Ask(FleetGuest guest) => CommandComparisons.Asking(VmiCommandLine.Built, guest.Target);

    private static void CompareAll(string program, string target, FleetGuest guest)
    {
        var vmi = CommandComparisons.Asking(program, target);
        Assert.All(CommandComparisons.All, compare => compare(vmi, guest.Spec, guest.Truth));
        Assert.True(guest.Guest.Monitor.IsRunning);
    }

    private static ulong Hex(Group group) => ulong.Parse(group.ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\b([A-Z][A-Z0-9]{1,3}) *= *([0-9a-f]{8,16})\b")]
    private static partial Regex NamedValue();

    [GeneratedRegex(@"^(CS|DS|ES|FS|GS|SS|TR|LDT) *=([0-9a-f]{4}) ([0-9a-f]{16}) ([0-9a-f]{8}) ", RegexOptions.Multiline)]
    private static partial Regex Segment();
}
