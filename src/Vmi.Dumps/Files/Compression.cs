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
}
