using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;

namespace Vmi.Symbols.Tests;

/// <summary>
/// A kernel of Debian as the real guests run it (eng/guests/install.sh fetches them), unpacked to the ELF file that it is made
/// from and laid out in memory as it is linked. Slow to make: shared by all tests.
/// </summary>
public sealed class RealKernel
{
    private const ulong LinkBase = 0xffffffff81000000;

    private static readonly Dictionary<string, RealKernel> Kernels = [];

    private readonly string _version;

    private RealKernel(string version, byte[] elf)
    {
        _version = version;
        Elf = elf;
        ElfPath = Path.Combine(Path.GetTempPath(), $"vmi-vmlinux-{version}-{Environment.ProcessId}.elf");
        Image = new KernelImage(new Va(LinkBase), Load(elf));
        Profile = Assert.Single(Symbols.Profile.FindAll(Image));
    }

    public byte[] Elf { get; }

    public KernelImage Image { get; }

    public Profile Profile { get; }

    private string ElfPath { get; }

    public static RealKernel Get(string version)
    {
        lock (Kernels)
            return Kernels.TryGetValue(version, out var kernel) ? kernel : Kernels[version] = new RealKernel(version, Unpack(version));
    }

    /// <summary>The output of a tool; `{elf}` and `{btf}` in its arguments are files with the kernel and its BTF.</summary>
    public string Run(string tool, string arguments)
    {
        lock (Kernels)
        {
            var btf = Path.ChangeExtension(ElfPath, ".btf");
            try
            {
                File.WriteAllBytes(ElfPath, Elf);
                File.WriteAllBytes(btf, Profile.Types.Blob.ToArray());
                return Encoding.UTF8.GetString(Pipe(tool, arguments.Replace("{elf}", ElfPath).Replace("{btf}", btf)));
            }
            finally
            {
                File.Delete(ElfPath);
                File.Delete(btf);
            }
        }
    }

    /// <summary>The kernel's ISF, which eng/isf.py writes out of what bpftool says of its types.</summary>
    /// <param name="symbols">Its symbols as lines of a System.map.</param>
    public byte[] Isf(string symbols)
    {
        var (types, lines) = (Path.ChangeExtension(ElfPath, ".json"), Path.ChangeExtension(ElfPath, ".map"));
        try
        {
            File.WriteAllText(types, Run("bpftool", "btf dump file {btf} -j"));
            File.WriteAllText(lines, symbols);
            return Pipe("python3", $"{Path.Combine(Root(), "eng", "isf.py")} {types} {lines} \"{Profile.Kernel.Banner}\"");
        }
        finally
        {
            File.Delete(types);
            File.Delete(lines);
        }
    }

    /// <summary>The BTF in a module's file, and what bpftool says of it.</summary>
    public byte[] ModuleBtf(string module, out string json)
    {
        var file = Directory.GetFiles(Path.Combine(Folder(_version), "modules"), $"{module}.ko*", SearchOption.AllDirectories).Single();
        var btf = Path.ChangeExtension(ElfPath, ".module");
        try
        {
            File.WriteAllBytes(btf, file.EndsWith(".xz", StringComparison.Ordinal) ? Pipe("xz", $"-dc {file}") : File.ReadAllBytes(file));
            Pipe("objcopy", $"-O binary --only-section=.BTF --set-section-flags .BTF=alloc {btf}");
            json = Run("bpftool", $"-B {{btf}} btf dump file {btf} -j");
            return File.ReadAllBytes(btf);
        }
        finally
        {
            File.Delete(btf);
        }
    }

    private static byte[] Unpack(string version)
    {
        var path = Path.Combine(Folder(version), "vmlinuz");
        if (!File.Exists(path))
            Pipe(Path.Combine(Root(), "eng", "guests", "install.sh"), "");

        // The boot protocol (Documentation/arch/x86/boot.rst): setup_sects, payload_offset, payload_length.
        var file = File.ReadAllBytes(path);
        var start = (file[0x1f1] + 1) * 512 + BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(0x248));
        // The last four bytes are the length of what is packed.
        var payload = file.AsSpan(start, BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(0x24c)) - 4).ToArray();
        var tool = payload[0] switch { 0x28 => "zstd", 0xfd => "xz", 0x02 => "lz4", _ => "gzip" };
        return Pipe(tool, "-dc", payload);
    }

    private static byte[] Load(byte[] elf)
    {
        var image = new byte[64 << 20];
        var headers = (int)BinaryPrimitives.ReadUInt64LittleEndian(elf.AsSpan(32));
        for (var i = 0; i < BinaryPrimitives.ReadUInt16LittleEndian(elf.AsSpan(56)); i++)
        {
            var header = elf.AsSpan(headers + i * 56);
            var address = BinaryPrimitives.ReadUInt64LittleEndian(header[16..]);
            if (BinaryPrimitives.ReadUInt32LittleEndian(header) == 1 && address >= LinkBase)
            {
                var offset = (int)BinaryPrimitives.ReadUInt64LittleEndian(header[8..]);
                var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(header[32..]);
                elf.AsSpan(offset, length).CopyTo(image.AsSpan((int)(address - LinkBase)));
            }
        }

        return image;
    }

    private static string Folder(string version)
    {
        var cache = Environment.GetEnvironmentVariable("VMI_CACHE") is { Length: > 0 } folder
            ? folder
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "vmi");
        return Path.Combine(cache, "guests", "kernels", version);
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Vmi.slnx")))
            folder = folder.Parent;
        return folder?.FullName ?? Environment.CurrentDirectory;
    }

    internal static byte[] Pipe(string tool, string arguments, byte[]? input = null)
    {
        using var process = Process.Start(new ProcessStartInfo(tool, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        var writing = Task.Run(() =>
        {
            process.StandardInput.BaseStream.Write(input ?? []);
            process.StandardInput.Close();
        });
        using var result = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(result);
        writing.Wait();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{tool} {arguments}: {errors.Result}");
        return result.ToArray();
    }
}
