namespace Vmi.Qemu.Tests;

/// <summary>A program of our own that runs instead of an operating system.</summary>
internal static class BootSector
{
    /// <summary>Where the byte of <see cref="Letter"/> lies in guest physical memory.</summary>
    public const ulong LetterAddress = 0x7c04;

    /// <summary>Where the code begins.</summary>
    public const ulong Start = 0x7c00;

    /// <summary>Writes `A` to the first serial port for ever.</summary>
    public static ReadOnlySpan<byte> Letter =>
    [
        0xba, 0xf8, 0x03, // mov $0x3f8,%dx
        0xb0, 0x41,       // 1: mov $'A',%al
        0xee,             // out %al,%dx
        0xb9, 0x00, 0x40, // mov $0x4000,%cx
        0x49,             // 2: dec %cx
        0x75, 0xfd,       // jnz 2b
        0xeb, 0xf5,       // jmp 1b
    ];

    /// <summary>Starts a QEMU that boots the program, and waits until its first letters have come.</summary>
    public static TestQemu Boot(ReadOnlySpan<byte> code, params string[] arguments)
    {
        var sector = new byte[512];
        code.CopyTo(sector);
        (sector[510], sector[511]) = (0x55, 0xaa);
        var file = Path.Combine(Path.GetTempPath(), $"vmi-boot-{Guid.NewGuid():N}.bin");
        File.WriteAllBytes(file, sector);
        try
        {
            var qemu = TestQemu.Start(["-m", "16M", "-drive", $"file={file},format=raw,if=ide", .. arguments]);
            qemu.WaitFor(() => qemu.Serial.Contains('A'));
            return qemu;
        }
        finally
        {
            File.Delete(file);
        }
    }
}
