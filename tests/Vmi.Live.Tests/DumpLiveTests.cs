using System.Text.Json;
using Vmi.Amd64;
using Vmi.Cli.Tests;
using Vmi.Dumps;
using Vmi.Dumps.Tests;

namespace Vmi.Live.Tests;

/// <summary>`vmi dump` of a live guest against QEMU's own dump of the same pause, makedumpfile, and what the guest printed.</summary>
public sealed class DumpLiveTests(GuestFleet fleet) : IDisposable
{
    private const int Interrupted = 130;
    private const Amd64RegisterGroups Compared = Amd64RegisterGroups.General | Amd64RegisterGroups.Segments
        | Amd64RegisterGroups.DescriptorTables | Amd64RegisterGroups.Control;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vmi-dump-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("Isolated61")]
    [InlineData("Forged612")]
    public void A_dump_is_what_QEMU_writes_in_the_same_pause(string name)
    {
        var guest = fleet[name];
        string ours = Path.Combine(_folder.FullName, "ours.elf"), theirs = Path.Combine(_folder.FullName, "theirs.elf");
        JsonElement said;
        using (guest.Guest.Pause())
        {
            guest.Guest.DumpElf(theirs, paging: false);
            said = VmiCommandLine.Run("dump", guest.Target, ours, "--json").Json;
        }

        using var written = ElfCoreDriver.Open(ours);
        using var expected = ElfCoreDriver.Open(theirs);
        Assert.Equal(guest.Spec.Vcpus, said.GetProperty("vcpus").GetInt32());
        Assert.Equal(guest.Spec.Vcpus, written.Info.Vcpus);
        CompareMemory(expected, written);
        for (ushort vcpu = 0; vcpu < guest.Spec.Vcpus; vcpu++)
        {
            var registers = (Amd64Registers)written.GetRegisters(new VcpuId(vcpu));
            var wanted = new Amd64Registers(registers.Available);
            wanted.CopyFrom((Amd64Registers)expected.GetRegisters(new VcpuId(vcpu)), Compared);
            Assert.Equal(Compared, registers.Available & Compared);
            Assert.Empty(registers.Differences(wanted));
        }

        // Without the device QEMU has none: then it is the kernel's own, which makedumpfile reads.
        Assert.Contains($"OSRELEASE={guest.Truth.Release}\n", written.VmCoreInfo);
        Assert.True(guest.Spec.VmcoreInfo ? expected.VmCoreInfo == written.VmCoreInfo : expected.VmCoreInfo is null);
        Tool.Run("makedumpfile", "--message-level", "0", "-c", "-d", "31", ours, Path.Combine(_folder.FullName, "small.kdump"));
        CommandComparisons.ComparePs(CommandComparisons.Asking(VmiCommandLine.Built, ours), guest.Spec, guest.Truth);
        Assert.True(guest.Guest.Monitor.IsRunning);
    }

    [Fact]
    public void A_signal_leaves_no_file_and_a_running_VM()
    {
        var guest = fleet["Large612"];
        var path = Path.Combine(_folder.FullName, "large.elf");
        var (exitCode, output, error) = InterruptedCommand.Run(
            () => File.Exists(path + ".partial"), () => File.Delete(path), "dump", guest.Target, path);
        Assert.Equal((Interrupted, "", "vmi: it was interrupted: there is no result\n"), (exitCode, output, error));
        Assert.Empty(_folder.GetFiles());
        Assert.True(guest.Guest.Monitor.IsRunning);
    }

    private static void CompareMemory(ElfCoreDriver expected, ElfCoreDriver written)
    {
        foreach (var range in expected.MemoryMap)
        {
            for (var at = range.Start; at < range.End; at += 1 << 20)
            {
                var length = (int)Math.Min(1 << 20, range.End - at);
                Assert.True(expected.TryGetSpan(at, length, out var theirs));
                var ours = new byte[length];
                Assert.Equal(length, written.Read(at, ours));
                Assert.True(theirs.SequenceEqual(ours), $"{at}");
            }
        }
    }
}
