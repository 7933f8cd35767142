namespace Vmi;

/// <summary>What a driver knows of its virtual machine.</summary>
/// <param name="MaxGfn">The highest frame that exists.</param>
/// <param name="Vcpus">How many virtual CPUs there are; 0 if the source does not say.</param>
public sealed record VmiInfo(Gfn MaxGfn, int Vcpus)
{
    /// <summary>Bytes in a frame: 4096.</summary>
    public int PageSize => Frame.Size;

    /// <summary>The frame size as a power of two: 12.</summary>
    public int PageShift => Frame.Shift;
}
