using System.Buffers.Binary;

namespace Vmi.Dumps;

/// <summary>The header that `virsh save` puts before QEMU's stream (libvirt's qemu_saveimage.h, version 2).</summary>
internal static class LibvirtSave
{
    private const int HeaderBytes = 92;
    private static readonly string[] Programs = ["", "gzip", "bzip2", "xz", "lzop", "zstd"];

    /// <summary>The first bytes of such a file.</summary>
    public static ReadOnlySpan<byte> Magic => "LibvirtQemudSave"u8;

    /// <summary>Where QEMU's stream begins.</summary>
    /// <exception cref="VmiFormatException">It is compressed, of another version, or truncated.</exception>
    public static long StreamOffset(FileContent file)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        if (file.Read(0, header) < HeaderBytes)
            throw new VmiFormatException($"{file.Path} is truncated: libvirt's header has {HeaderBytes} bytes.");
        var version = BinaryPrimitives.ReadUInt32LittleEndian(header[16..]);
        var data = BinaryPrimitives.ReadUInt32LittleEndian(header[20..]);
        var format = BinaryPrimitives.ReadUInt32LittleEndian(header[28..]);
        if (version != 2)
            throw new VmiFormatException($"{file.Path} was saved by libvirt in version {version} of its form; Vmi reads version 2.");
        if (format != 0)
        {
            var program = format < Programs.Length ? Programs[format] : "unknown";
            throw new VmiFormatException(
                $"{file.Path} was saved by libvirt compressed ({program}); save it with save_image_format = \"raw\" (qemu.conf).");
        }
        return HeaderBytes + (long)data;
    }
}
