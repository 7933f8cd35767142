using System.Globalization;
using System.Text.RegularExpressions;
using Vmi.Amd64;
using Vmi.Dumps;

namespace Vmi.Live.Tests;

/// <summary>
/// The files of one paused guest, in every format, against each other and against QEMU's `info registers -a`. NAME.elf, NAME.raw and
/// NAME.registers.txt are needed, the others are compared where they exist.
/// </summary>
public sealed partial class MemoryFileLiveTests(GuestFleet fleet)
{
    public static TheoryData<string> GuestsWithRaw =>
        [.. Vmi.Guests.GuestSpecs.All.Where(spec => FleetGuest.Formats(spec).Contains(".raw")).Select(spec => spec.Name)];

    public static TheoryData<string> Guests => GuestFleet.Names;

    [Theory]
    [MemberData(nameof(GuestsWithRaw))]
    public void Every_format_has_the_same_memory(string guest)
    {
        var folder = fleet[guest].Folder;
        using var raw = RawDriver.Open($"{folder}/{guest}.raw");
        Assert.IsType<RawDriver>(MemoryFile.Open($"{folder}/{guest}.raw"));
        var buffer = new byte[1 << 20];
        foreach (var path in fleet[guest].Files.Where(path => !path.EndsWith(".raw", StringComparison.Ordinal)))
        {
            using var driver = MemoryFile.Open(path);
            var compared = 0UL;
            foreach (var range in driver.MemoryMap)
            {
                for (var address = range.Start; address < range.End; address += 1 << 20)
                {
                    var length = (int)Math.Min(1 << 20, range.End - address);
                    if (!driver.TryGetSpan(address, length, out var span))
                    {
                        Assert.False(driver.IsMapped, $"{path} {address}");
                        Assert.Equal(length, driver.Read(address, buffer.AsSpan(0, length)));
                        span = buffer.AsSpan(0, length);
                    }
                    // A raw image written by pmemsave has no device memory, and ends with the RAM.
                    if (!raw.TryGetSpan(address, length, out var other))
                        continue;
                    Assert.True(span.SequenceEqual(other), $"{path} differs near {address}");
                    compared += (ulong)length;
                }
            }
            Assert.True(compared > (ulong)raw.Info.MaxGfn.Value * Frame.Size * 9 / 10, $"{path}: {compared} bytes compared");
        }
    }

    [Theory]
    [MemberData(nameof(Guests))]
    public void Each_file_with_registers_has_those_that_QEMU_shows(string guest)
    {
        var folder = fleet[guest].Folder;
        var vcpus = File.ReadAllText($"{folder}/{guest}.registers.txt")
            .Split("CPU#", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        foreach (var path in fleet[guest].Files)
        {
            using var opened = MemoryFile.Open(path);
            if (opened is not MachineFileDriver driver)
                continue;
            Assert.Equal(vcpus.Length, driver.Info.Vcpus);
            for (ushort vcpu = 0; vcpu < vcpus.Length; vcpu++)
            {
                var registers = (Amd64Registers)driver.GetRegisters(new VcpuId(vcpu));
                var shown = AssignedValue().Matches(vcpus[vcpu]).ToDictionary(match => match.Groups[1].Value, match => Hex(match.Groups[2].Value));
                var names = new[] { "RAX", "RBX", "RCX", "RDX", "RSI", "RDI", "RBP", "RSP", "RIP", "CR0", "CR2", "CR3", "CR4", "R8", "R15" };
                foreach (var name in names)
                    Assert.Equal(shown[name], registers[Enum.Parse<Amd64Register>(name, ignoreCase: true)]);
                // QEMU under TCG keeps DF and the arithmetic flags elsewhere: info registers shows what the dump has.
                Assert.Equal(shown["RFL"], registers[Amd64Register.Rflags]);
                Assert.Equal(SegmentBase(vcpus[vcpu], "GS"), registers.Gs.Base);
                Assert.Equal(PagingMode(vcpus[vcpu]), registers.PagingMode.Levels);
            }
        }
    }

    [Fact]
    public void The_VMCOREINFO_of_a_guest_with_the_device_is_its_kernel_s()
    {
        foreach (var spec in Vmi.Guests.GuestSpecs.All)
        {
            using var driver = ElfCoreDriver.Open(fleet[spec.Name].Elf);
            Assert.Equal(spec.VmcoreInfo, driver.VmCoreInfo is not null);
            if (driver.VmCoreInfo is { } text)
            {
                var release = Regex.Match(text, "^OSRELEASE=(.+)$", RegexOptions.Multiline).Groups[1].Value;
                Assert.Equal(fleet[spec.Name].Truth.Release, release);
            }
        }
    }

    private static ulong SegmentBase(string text, string name) =>
        Hex(Regex.Match(text, $"^{name} *=[0-9a-f]{{4}} ([0-9a-f]+)", RegexOptions.Multiline).Groups[1].Value);

    private static PagingLevels PagingMode(string text) =>
        (Hex(Regex.Match(text, "CR4=([0-9a-f]+)").Groups[1].Value) & (1 << 12)) != 0 ? PagingLevels.Five : PagingLevels.Four;

    private static ulong Hex(string digits) => ulong.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\b([A-Z][A-Z0-9]{1,2})\s?=([0-9a-f]{8,16})\b")]
    private static partial Regex AssignedValue();
}
