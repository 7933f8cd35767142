namespace Vmi.Qemu;

/// <summary>What a monitor speaks.</summary>
public enum QemuMonitorKind : byte
{
    /// <summary>The machine protocol, which the driver needs (`-qmp`, `-mon mode=control`).</summary>
    Qmp,

    /// <summary>The human monitor only (`-monitor`).</summary>
    Human,
}
