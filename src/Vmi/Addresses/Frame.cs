namespace Vmi;

/// <summary>The unit in which guest physical memory is handed out: 4 KiB on every architecture supported.</summary>
public static class Frame
{
    /// <summary>Bytes in a frame.</summary>
    public const int Size = 4096;

    /// <summary>The frame size as a power of two.</summary>
    public const int Shift = 12;
}
