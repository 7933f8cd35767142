namespace Vmi.Dumps;

/// <summary>How a block of a file is compressed.</summary>
internal enum Compression : byte
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>zlib (RFC 1950).</summary>
    Zlib,

    /// <summary>Snappy's raw format.</summary>
    Snappy,

    /// <summary>A Zstandard frame (RFC 8878).</summary>
    Zstd,

    /// <summary>A member of a gzip file (RFC 1952).</summary>
    Gzip,

    /// <summary>LZMA2, as in a block of an xz file whose check is none, or is not checked here.</summary>
    Lzma2,

    /// <summary>LZMA2, and the CRC32 of what it holds.</summary>
    Lzma2Crc32,

    /// <summary>LZMA2, and the CRC64 of what it holds.</summary>
    Lzma2Crc64,
}
