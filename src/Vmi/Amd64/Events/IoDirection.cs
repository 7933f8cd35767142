namespace Vmi.Amd64;

/// <summary>The direction of an I/O instruction.</summary>
public enum IoDirection : byte
{
    /// <summary>OUT: to the device.</summary>
    Out,

    /// <summary>IN: from the device.</summary>
    In,
}
