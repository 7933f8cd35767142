using System.Globalization;
using System.Security.Cryptography;
using Vmi.Cli.Tests;

namespace Vmi.Live.Tests;

/// <summary>`vmi write` into a process of a running guest, read back by QEMU.</summary>
public sealed class CommandWriteTests(GuestFleet fleet)
{
    private const string Name = "Small61";

    [Fact]
    public void What_is_written_to_a_process_is_what_QEMU_then_has_at_its_frame()
    {
        var guest = fleet[Name];
        var content = guest.Truth.Content("secret");
        var page = guest.Truth.Page("secrets", "secret");
        var physical = (page.Frame!.Value << Frame.Shift) + (content.Address - page.Address);
        var written = RandomNumberGenerator.GetBytes(content.Bytes.Length);
        Assert.Equal(content.Bytes, QemuReads(guest, physical, written.Length));
        try
        {
            var document = Write(guest, content.ProcessId, content.Address, written);
            Assert.Equal(content.Address, CommandComparisons.Hex(document, "address"));
            Assert.Equal(written.Length, document.GetProperty("length").GetInt32());
            Assert.Equal(written, QemuReads(guest, physical, written.Length));
        }
        finally
        {
            // Others compare it.
            Write(guest, content.ProcessId, content.Address, content.Bytes);
        }

        Assert.Equal(content.Bytes, QemuReads(guest, physical, written.Length));
        Assert.True(guest.Guest.Monitor.IsRunning);
    }

    [Fact]
    public void Nothing_is_written_where_nothing_is_mapped()
    {
        var guest = fleet[Name];
        var page = guest.Truth.Page("secrets", "never-touched");
        var (exitCode, output, error) = VmiCommandLine.Run(
            "write", guest.Target, $"0x{page.Address:x}", "00", "--pid", page.ProcessId.ToString(CultureInfo.InvariantCulture));
        Assert.Equal((1, ""), (exitCode, output));
        Assert.Contains("not present", error);
        Assert.True(guest.Guest.Monitor.IsRunning);
    }

    private static System.Text.Json.JsonElement Write(FleetGuest guest, int process, ulong address, byte[] bytes) =>
        CommandComparisons.Asking(VmiCommandLine.Built, guest.Target)(
            "write", $"0x{address:x}", Convert.ToHexStringLower(bytes), "--pid", process.ToString(CultureInfo.InvariantCulture));

    private static byte[] QemuReads(FleetGuest guest, ulong address, int length)
    {
        var text = guest.Guest.Monitor.Human(string.Create(CultureInfo.InvariantCulture, $"xp /{length}xb 0x{address:x}"));
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).SelectMany(line => line.Split(": ")[1].Trim().Split(' '))
            .Select(number => Convert.ToByte(number, 16))];
    }
}
