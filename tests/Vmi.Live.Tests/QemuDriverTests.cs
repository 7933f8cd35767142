using System.Globalization;
using System.Text.RegularExpressions;
using Vmi.Amd64;
using Vmi.Guests;
using Vmi.Qemu;

namespace Vmi.Live.Tests;

/// <summary>The QEMU driver on real Linux guests, against QEMU's own answers.</summary>
public sealed class QemuDriverTests(GuestFleet fleet)
{
    public static TheoryData<string> SmallGuests =>
        [.. GuestSpecs.All.Where(spec => spec.MemoryMiB < 1024).Select(spec => spec.Name)];

    [Theory]
    [MemberData(nameof(SmallGuests))]
    public void All_physical_memory_is_what_QEMU_saves(string guestName)
    {
        var guest = fleet[guestName].Guest;
        using var driver = QemuDriver.Open(guest.QmpPath);
        using var paused = guest.Pause();
        var file = Path.Combine(Path.GetTempPath(), $"vmi-live-{Guid.NewGuid():N}.bin");
        try
        {
            foreach (var range in driver.MemoryMap.Where(range => range.Start.Value != 0xfd000000))
            {
                for (var at = range.Start; at < range.End; at += 64 << 20)
                {
                    var length = (int)Math.Min(64 << 20, range.End - at);
                    guest.Monitor.Human(string.Create(CultureInfo.InvariantCulture, $"pmemsave 0x{at.Value:x} {length} \"{file}\""));
                    var bytes = new byte[length];
                    Assert.Equal(length, driver.Read(at, bytes));
                    Assert.True(bytes.AsSpan().SequenceEqual(File.ReadAllBytes(file)), $"{at} + {length}");
                }
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [MemberData(nameof(GuestFleet.Names), MemberType = typeof(GuestFleet))]
    public void Long_mode_registers_are_what_QEMU_prints(string guestName)
    {
        var guest = fleet[guestName].Guest;
        using var driver = QemuDriver.Open(guest.QmpPath);
        driver.Pause();
        var printed = guest.Monitor.Human("info registers -a").Split("CPU#").Skip(1).ToList();
        Assert.Equal(printed.Count, driver.Info.Vcpus);
        for (ushort i = 0; i < printed.Count; i++)
        {
            var registers = (Amd64Registers)driver.GetRegisters(new VcpuId(i));
            for (var register = Amd64Register.Rax; register <= Amd64Register.Efer; register++)
            {
                if (register is >= Amd64Register.Cs and <= Amd64Register.Idtr or Amd64Register.Cr8 or Amd64Register.Xcr0)
                    continue;
                var name = register == Amd64Register.Rflags ? "RFL" : register.ToString().ToUpperInvariant();
                var value = Regex.Match(printed[i], $@"(?<![A-Z0-9]){name} *= *([0-9a-f]+)").Groups[1].Value;
                Assert.Equal(ulong.Parse(value, NumberStyles.HexNumber, CultureInfo.InvariantCulture), registers[register]);
            }
            foreach (var (name, segment) in new[]
            {
                ("CS", registers.Cs), ("DS", registers.Ds), ("ES", registers.Es), ("FS", registers.Fs), ("GS", registers.Gs),
                ("SS", registers.Ss), ("TR", registers.Tr), ("LDT", registers.Ldtr),
            })
                Assert.Contains($"{name,-3}={segment.Selector.Value:x4} {segment.Base:x16} {segment.Limit:x8}", printed[i]);
            Assert.Contains($"GDT=     {registers.Gdtr.Base.Value:x16} {registers.Gdtr.Limit:x8}", printed[i]);
            Assert.Contains($"IDT=     {registers.Idtr.Base.Value:x16} {registers.Idtr.Limit:x8}", printed[i]);
            Assert.Throws<RegisterNotAvailableException>(() => registers.Lstar);
        }
    }

    [Theory]
    [MemberData(nameof(GuestFleet.Names), MemberType = typeof(GuestFleet))]
    public void A_running_guest_is_left_running(string guestName)
    {
        var guest = fleet[guestName].Guest;
        using (var driver = QemuDriver.Open(guest.QmpPath))
        {
            driver.GetRegisters(default);
            driver.Pause();
        }
        Assert.True(guest.Monitor.IsRunning);
    }
}
