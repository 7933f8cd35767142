using System.Buffers.Binary;
using System.Globalization;
using Vmi.Symbols;

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
