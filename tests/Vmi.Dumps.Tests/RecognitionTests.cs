using System.Diagnostics;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;

namespace Vmi.Dumps.Tests;

public sealed partial class RecognitionTests
{
    [Fact]
    public void A_text_file_is_refused_in_one_line()
    {
        using var folder = new TestFolder();
        var small = folder.Write("notes.txt", "Buy milk.\n"u8);
        var large = folder.Write("large.txt",
            Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("größer\tals 1 MiB \n", 1 << 16)))[..(1 << 20)]);

        const string Message =
            " is not a memory file that Vmi knows (a raw image, LiME, AVML, an ELF vmcore, a Xen core, a kdump file or QEMU's migration "
            + "stream): it is text.";
        Assert.Equal(small + Message, Refusal(small));
        Assert.Equal(large + Message, Refusal(large));
    }

    [Fact]
    public void Files_that_are_too_small_or_empty_are_refused()
    {
        using var folder = new TestFolder();

        Assert.EndsWith("it is smaller than 1 MiB.", Refusal(folder.Write("small.bin", new byte[4096])));
        Assert.EndsWith("it is smaller than 1 MiB.", Refusal(folder.Write("one.bin", new byte[1])));
        Assert.EndsWith("empty.bin is empty.", Refusal(folder.Write("empty.bin", [])));
    }

    [Fact]
    public void What_is_no_file_is_refused_at_once()
    {
        using var folder = new TestFolder();
        var fifo = folder["fifo"];
        using (var mkfifo = Process.Start("mkfifo", fifo))
            mkfifo.WaitForExit();

        Assert.Equal($"{fifo} is a FIFO, not a memory file.", Unusable(fifo));
        Assert.Equal("/dev/zero is a character device, not a memory file.", Unusable("/dev/zero"));
        Assert.Equal("/tmp is a directory, not a memory file.", Unusable("/tmp"));
        Assert.Equal($"{folder["none"]} does not exist.", Unusable(folder["none"]));
        Assert.Equal($"{folder["none/none"]} does not exist.", Unusable(folder["none/none"]));
        Assert.Contains("can't be opened", Unusable("nul\0"), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => MemoryFile.Open(""));
    }

    [Fact]
    public void A_file_without_permission_is_refused()
    {
        using var folder = new TestFolder();
        var path = folder.Write("secret.raw", new byte[1 << 20]);
        using (var chmod = Process.Start("chmod", ["0", path]))
            chmod.WaitForExit();

        // Root may read any file, so this thread becomes nobody to the file system.
        var user = setfsuid(65534);
        try
        {
            Assert.Equal($"{path} can't be read: no permission. Open it as its owner, or change its mode.", Unusable(path));
        }
        finally
        {
            _ = setfsuid(user);
        }
    }

    [Fact]
    public void Known_formats_that_are_not_read_are_named()
    {
        using var folder = new TestFolder();
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(new byte[100_000]);

        Assert.EndsWith("gunzip -c FILE | bgzip > NEW.gz.", Refusal(folder.Write("a.gz", compressed.ToArray())));
        Names("PAGEDU64", "is a Windows crash dump;");

        void Names(string magic, string what) => Assert.Contains(what,
            Refusal(folder.Write("a.bin", [.. Encoding.Latin1.GetBytes(magic), .. new byte[1 << 20]])), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gzip", "-kf", ".gz",
        "is gzip-compressed; unpack it first (gunzip -k FILE), or pack it so that it "
        + "can be read in place: gunzip -c FILE | bgzip > NEW.gz.")]
    [InlineData("bzip2", "-kf", ".bz2", "is bzip2-compressed; unpack it first: bunzip2 -k FILE.")]
    public void What_a_compressor_wrote_is_named(string tool, string options, string suffix, string message)
    {
        using var folder = new TestFolder();
        var path = folder.Write("memory.raw", new byte[1 << 20]);
        using (var process = Process.Start(tool, [options, path]))
            process.WaitForExit();

        Assert.EndsWith(message, Refusal(path + suffix));
    }

    [Fact]
    public void A_file_that_is_not_of_the_format_asked_for_is_refused()
    {
        using var folder = new TestFolder();
        var path = folder.Write("memory.raw", new byte[1 << 20]);

        Assert.Equal($"{path} is not an ELF file.", Assert.Throws<VmiFormatException>(() => ElfCoreDriver.Open(path)).Message);
        Assert.Equal($"{path} is not a LiME file.", Assert.Throws<VmiFormatException>(() => LimeDriver.Open(path)).Message);
    }

    internal static string Refusal(string path) => OneLine(Assert.Throws<VmiFormatException>(() => MemoryFile.Open(path)).Message);

    private static string Unusable(string path) => OneLine(Assert.Throws<VmiDriverException>(() => MemoryFile.Open(path)).Message);

    private static string OneLine(string message)
    {
        Assert.DoesNotContain('\n', message);
        return message;
    }

    [LibraryImport("libc")]
    private static partial int setfsuid(int user);
}
