using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using Vmi.Cli.Tests;
using Vmi.Linux;
using Vmi.Symbols;
using Vmi.Targets;

namespace Vmi.Live.Tests;

/// <summary>
/// The profile that Vmi finds in a guest's memory against what that guest printed. NAME-paging.elf (its program headers have the
/// virtual addresses, so that nothing of Vmi is needed to read the kernel) and NAME.truth/proc/kallsyms are needed.
/// </summary>
public sealed class SymbolsLiveTests(GuestFleet fleet)
{
    public static TheoryData<string> Guests =>
        [.. Vmi.Guests.GuestSpecs.All.Where(spec => FleetGuest.Formats(spec).Contains("-paging.elf")).Select(spec => spec.Name)];

    [Theory]
    [MemberData(nameof(Guests))]
    public void Every_symbol_is_the_one_that_the_guest_prints_in_the_same_order(string guest)
    {
        var profile = Assert.Single(Profile.FindAll(Image(guest)));

        // Lines with a tab are of modules.
        Assert.Equal(
            File.ReadLines(Truth(guest)).Where(line => !line.Contains('\t')),
            profile.Symbols.All().Select(symbol => $"{symbol.Address.Value:x16} {symbol.Type} {symbol.Name}"));
        Assert.Equal(Address(guest, "_text"), profile.TextBase.Value);
    }

    [Theory]
    [MemberData(nameof(Guests))]
    public void A_saved_profile_is_that_of_every_guest_with_the_same_kernel_and_of_no_other(string guest)
    {
        var found = Assert.Single(Profile.FindAll(Image(guest)));
        using var file = new MemoryStream();
        found.Save(file);
        file.Position = 0;
        var loaded = Profile.Load(file);
        foreach (var other in Guests.Select(row => row.Data))
        {
            var image = Image(other);
            var theirs = Assert.Single(Profile.FindAll(image));
            var moved = loaded.Rebase(theirs.TextBase);
            Assert.Equal(theirs.Kernel == found.Kernel, moved.Matches(image));
            if (theirs.Kernel == found.Kernel)
                Assert.Equal(theirs.Symbols.All(), moved.Symbols.All());
        }
    }

    /// <summary>
    /// The guest's raw memory with its BTF blanked out: a kernel built without. bpftool and eng/isf.py write the ISF; the addresses in it
    /// are what the guest printed, moved to where the kernel is linked.
    /// </summary>
    [Fact]
    public void A_kernel_without_BTF_is_served_by_an_ISF_file()
    {
        const string name = "Small61";
        var guest = fleet[name];
        var found = Assert.Single(Profile.FindAll(Image(name)));
        var (memory, isf, blob) = ($"{guest.Folder}/no-btf.raw", $"{guest.Folder}/isf.json.xz", $"{guest.Folder}/isf");
        try
        {
            File.Copy(guest.Files.Single(file => file.EndsWith(".raw", StringComparison.Ordinal)), memory);
            using (var target = VmiTarget.Open(memory))
                Blank(memory, LinuxOs.Detect(target.Core).Kernel, found.Symbol("__start_BTF"), found.Symbol("__stop_BTF"));
            Assert.Contains("has no BTF", VmiCommandLine.Run("ps", memory).Error, StringComparison.Ordinal);

            File.WriteAllBytes(blob, found.Types.Blob.ToArray());
            var slide = Address(name, "_text") - 0xffffffff81000000;
            File.WriteAllLines($"{blob}.map", File.ReadLines(Truth(name)).Select(line =>
                ulong.Parse(line.AsSpan(0, 16), NumberStyles.HexNumber, CultureInfo.InvariantCulture) is var address and > uint.MaxValue
                    ? $"{address - slide:x16}{line[16..]}" : line));
            var script = Path.Combine(Path.GetDirectoryName(VmiCommandLine.Published)!, "..", "eng", "isf.py");
            using (var shell = Process.Start("sh", ["-c",
                "bpftool btf dump file $1 -j >$1.json && python3 $2 $1.json $1.map \"$3\" | xz -1 >$4",
                "sh", blob, script, guest.Truth.Version, isf]))
            {
                shell.WaitForExit();
                Assert.Equal(0, shell.ExitCode);
            }

            using (var target = VmiTarget.Open(memory))
            {
                var session = LinuxOs.Introspect(target.Core, new LinuxDetectionOptions { Profile = ProfileSource.Load(isf) });
                // A module's types count on from the kernel's BTF, which is gone.
                Assert.Throws<VmiFormatException>(() => LinuxComparisons.CompareModuleTypes(session, guest.Truth));
                foreach (var (_, compare) in LinuxComparisons.All.Where(each => each.Key != "module types"))
                    compare(session, guest.Truth);
            }

            CommandComparisons.ComparePs(
                (command, arguments) => VmiCommandLine.Run([command, memory, .. arguments, "--profile", isf, "--json"]).Json,
                guest.Spec, guest.Truth);
            // The symbols alone, with the types out of the guest; and on a guest whose kernel is another.
            Assert.Equal(
                VmiCommandLine.Run("ps", guest.Elf, "--json").Output,
                VmiCommandLine.Run("ps", guest.Elf, "--json", "--profile", $"{blob}.map").Output);
            foreach (var (file, reason) in new[] { (isf, "its banner is"), ($"{blob}.map", "is not where it says") })
                Assert.Contains(
                    reason, VmiCommandLine.Run("ps", fleet["Forged612"].Elf, "--profile", file).Error, StringComparison.Ordinal);
        }
        finally
        {
            foreach (var file in new[] { memory, isf, blob, $"{blob}.map", $"{blob}.json" })
                File.Delete(file);
        }
    }

    private static void Blank(string file, LinuxKernel kernel, Va start, Va stop)
    {
        using var handle = File.OpenHandle(file, access: FileAccess.Write);
        RandomAccess.Write(handle, new byte[stop - start], (long)(kernel.ImagePhysicalBase.Value + (start - kernel.ImageBase)));
    }

    private string Truth(string guest) => $"{fleet[guest].Folder}/{guest}.truth/proc/kallsyms";

    private ulong Address(string guest, string name) => ulong.Parse(
        File.ReadLines(Truth(guest)).First(line => line.EndsWith($" {name}", StringComparison.Ordinal)).AsSpan(0, 16), NumberStyles.HexNumber,
        CultureInfo.InvariantCulture);

    private KernelImage Image(string guest)
    {
        var file = File.OpenHandle($"{fleet[guest].Folder}/{guest}-paging.elf");
        var (start, end) = (Address(guest, "_text"), Address(guest, "_end"));
        var header = Read(file, 0, 64);
        var count = (int)BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(56));
        // PN_XNUM: the count is in the first section header.
        if (count == 0xffff)
            count = BinaryPrimitives.ReadInt32LittleEndian(Read(file, BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(40)) + 44, 4));
        var headers = Read(file, BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(32)), count * 56);
        var parts = Enumerable.Range(0, count).Select(i => headers.AsMemory(i * 56))
            .Where(part => BinaryPrimitives.ReadUInt32LittleEndian(part.Span) == 1)
            .Select(part => (Va: BinaryPrimitives.ReadUInt64LittleEndian(part.Span[16..]),
                Offset: BinaryPrimitives.ReadInt64LittleEndian(part.Span[8..]), Size: BinaryPrimitives.ReadUInt64LittleEndian(part.Span[32..])))
            .Where(part => part.Va < end && part.Va + part.Size > start).ToArray();
        return new KernelImage(new Va(start), end - start, (address, destination) =>
        {
            foreach (var part in parts)
                if (address.Value - part.Va < part.Size)
                {
                    var length = (int)Math.Min((ulong)destination.Length, part.Size - (address.Value - part.Va));
                    return RandomAccess.Read(file, destination[..length], part.Offset + (long)(address.Value - part.Va));
                }

            return 0;
        });
    }

    private static byte[] Read(Microsoft.Win32.SafeHandles.SafeFileHandle file, long offset, int length)
    {
        var bytes = new byte[length];
        Assert.Equal(length, RandomAccess.Read(file, bytes, offset));
        return bytes;
    }
}
