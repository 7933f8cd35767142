using Vmi.Dumps;
using Vmi.Dumps.Tests;

namespace Vmi.Live.Tests;

/// <summary>What makedumpfile leaves out of a Linux guest's vmcore, and how it converts what Vmi does not unpack.</summary>
public sealed class MakedumpfileLiveTests(GuestFleet fleet)
{
    [Theory]
    [InlineData(1, false)]
    [InlineData(31, false)]
    [InlineData(1, true)]
    public void Pages_left_out_are_missing_and_all_others_are_the_guest_s_own(int level, bool fromLzo)
    {
        // makedumpfile needs VMCOREINFO, to know which pages are whose.
        var guest = fleet[Guests.GuestSpecs.Forged612.Name];
        var folder = Directory.CreateTempSubdirectory("vmi-makedumpfile-").FullName;
        try
        {
            string plain = Path.Combine(folder, "plain.elf"), lzo = Path.Combine(folder, "lzo"), kdump = Path.Combine(folder, "kdump");
            KernelElf.Write(guest.Elf, plain);
            if (fromLzo)
                Tool.Run("makedumpfile", "--message-level", "0", "-l", plain, lzo);
            Tool.Run("makedumpfile", "--message-level", "0", "-c", "-d", $"{level}", fromLzo ? lzo : plain, kdump);

            using var raw = RawDriver.Open(guest.Files.Single(file => file.EndsWith(".raw", StringComparison.Ordinal)));
            using var driver = KdumpDriver.Open(kdump);
            Assert.Contains($"OSRELEASE={guest.Truth.Release}", driver.VmCoreInfo);
            Assert.Equal(guest.Spec.Vcpus, driver.Info.Vcpus);
            int there = 0, left = 0;
            for (var gfn = 0UL; gfn <= raw.Info.MaxGfn.Value; gfn++)
            {
                var page = driver.ReadPage(new Gfn(gfn));
                var own = raw.ReadPage(new Gfn(gfn))!;
                if (page is not null)
                {
                    Assert.True(page.Span.SequenceEqual(own.Span), $"frame 0x{gfn:x}");
                    there++;
                    continue;
                }
                left++;
            }
            // Level 1 leaves out pages of zeros: in this format they are there, and share one.
            Assert.True(there > 1000 && (level == 1 ? left == 0 : left > 1000), $"{there} there, {left} left out");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
