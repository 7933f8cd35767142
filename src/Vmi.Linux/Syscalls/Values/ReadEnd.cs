namespace Vmi.Linux;

/// <summary>Why reading something of the program's ended.</summary>
internal enum ReadEnd
{
    /// <summary>That was all of it.</summary>
    Whole,

    /// <summary>It is longer than is shown.</summary>
    Cut,

    /// <summary>The next byte is not in memory.</summary>
    Missing,
}
