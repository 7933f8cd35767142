using System.Globalization;
using System.Text.RegularExpressions;
using Vmi.Cli.Tests;
using Vmi.Guests;

namespace Vmi.Live.Tests;

/// <summary>When the `vmi` command holds a VM, by the events that QEMU tells; and that it lets go however it ends.</summary>
public sealed partial class CommandPauseTests(GuestFleet fleet)
{
    private const int Interrupt = 2, Kill = 9, Terminate = 15, Continue = 18, Stop = 19, Interrupted = 130, Attempts = 5;
    private const string Anonymous = "Small61", Mapped = "Isolated61";

    /// <summary>Most of a small guest's memory, which takes a while to read; for a text of it no pipe is large enough.</summary>
    private static readonly string[] MuchMemory = ["0x1000000", "0xf000000", "--physical"];

    [Fact]
    public void Verbose_says_how_long_the_one_pause_of_the_walk_was()
    {
        var (guest, target) = Quiet(Anonymous);
        var (exitCode, _, error) = VmiCommandLine.Run("ps", target, "--verbose");
        var events = guest.Monitor.TakeEvents();
        Assert.Equal(0, exitCode);
        var said = double.Parse(PauseLength().Match(error).Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        // One moment for the registers of the one vCPU, then the walk's pause.
        Assert.Equal(["STOP", "RESUME", "STOP", "RESUME"], events.Select(each => each.Name));
        var paused = (events[3].At - events[2].At).TotalMilliseconds;
        // The command measures from before its request to after QEMU's answer; wall clocks may be set while it does.
        Assert.InRange(said, paused - 20, paused + 5000);
    }

    [Fact]
    public void Without_a_pause_the_VM_runs_throughout()
    {
        foreach (var name in new[] { Anonymous, Mapped })
        {
            var (guest, target) = Quiet(name);
            var processes = VmiCommandLine.Run("ps", target, "--no-pause", "--json").Json;
            Assert.True(processes.GetArrayLength() >= guest.Truth.Processes.Count(each => each.IsLasting));
            Assert.Equal(
                fleet[name].Spec.Vcpus, VmiCommandLine.Run("registers", target, "--no-pause", "--json").Json.GetArrayLength());
            Assert.Empty(guest.Monitor.TakeEvents());
        }
    }

    [Fact]
    public void A_VM_that_was_stopped_before_stays_stopped()
    {
        var (guest, target) = Quiet(Anonymous);
        using (guest.Pause())
        {
            guest.Monitor.TakeEvents();
            Assert.NotEqual(0, VmiCommandLine.Run("ps", target, "--json").Json.GetArrayLength());
            Assert.Empty(guest.Monitor.TakeEvents());
            Assert.False(guest.Monitor.IsRunning);
        }
    }

    [Theory]
    [InlineData(Anonymous, Interrupt)]
    [InlineData(Mapped, Terminate)]
    public void A_signal_during_the_pause_ends_with_130_and_a_running_VM(string name, int signal)
    {
        var (guest, target) = Quiet(name);
        for (var attempt = 1; ; attempt++)
        {
            using var command = VmiCommandLine.Start(VmiCommandLine.Built, ["read", target, .. MuchMemory, "--raw"]);
            while (!guest.Monitor.TakeEvents().Any(each => each.Name == "STOP"))
                Assert.False(command.HasEnded, "The command ended without a pause.");
            // Held in its pause, so that the signal can't come late.
            command.Signal(Stop);
            SpinWait.SpinUntil(() => IsHeld(command));
            if (guest.Monitor.IsRunning)
            {
                Assert.True(attempt < Attempts, "The pause was over each time.");
                command.Signal(Kill);
                continue;
            }

            command.Signal(signal);
            command.Signal(Continue);
            Assert.Equal(new CommandResult(Interrupted, "", ""), command.End());
            Assert.True(guest.Monitor.IsRunning);
            return;
        }
    }

    [Theory]
    [InlineData(Interrupt)]
    [InlineData(Terminate)]
    public void A_signal_while_the_kernel_is_looked_for_ends_with_130_and_a_running_VM(int signal)
    {
        for (var attempt = 1; ; attempt++)
        {
            var (guest, target) = Quiet(Anonymous);
            using var command = VmiCommandLine.Start(VmiCommandLine.Built, "ps", target, "--json");
            // Looking begins with the registers, for which the VM stands still for a moment.
            var events = new List<QemuEvent>();
            for (; !events.Any(each => each.Name == "RESUME"); events.AddRange(guest.Monitor.TakeEvents()))
                Assert.False(command.HasEnded, "The command ended without a look at the registers.");
            command.Signal(signal);
            var result = command.End();
            events.AddRange(guest.Monitor.TakeEvents());
            // Late if it was already walking, or done.
            if ((result.ExitCode == 0 || events.Count > 2) && attempt < Attempts)
                continue;
            Assert.Equal(new CommandResult(Interrupted, "", ""), result);
            Assert.True(guest.Monitor.IsRunning);
            return;
        }
    }

    [Fact]
    public void A_signal_to_a_command_on_a_file_ends_with_130()
    {
        using var command = VmiCommandLine.Start(VmiCommandLine.Built, ["read", fleet[Anonymous].Elf, .. MuchMemory]);
        // It writes, and since nobody reads it will not end by itself.
        Assert.NotEqual(-1, command.Output.ReadByte());
        command.Signal(Interrupt);
        var (exitCode, _, error) = command.End();
        Assert.Equal((Interrupted, ""), (exitCode, error));
    }

    /// <summary>A guest of which nothing has been told yet.</summary>
    private (RunningGuest Guest, string Target) Quiet(string name)
    {
        var guest = fleet[name];
        guest.Guest.Monitor.TakeEvents();
        return (guest.Guest, guest.Target);
    }

    /// <summary>Whether the command's process is stopped by a signal, as /proc says.</summary>
    private static bool IsHeld(VmiCommandLine command)
    {
        var stat = File.ReadAllText($"/proc/{command.Pid}/stat");
        return stat[stat.LastIndexOf(')') + 2] == 'T';
    }

    [GeneratedRegex(@"the VM was paused for ([0-9]+\.[0-9]) ms\n")]
    private static partial Regex PauseLength();
}
