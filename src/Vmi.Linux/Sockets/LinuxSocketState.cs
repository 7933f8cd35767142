namespace Vmi.Linux;

/// <summary>The state of a socket, which all families number as TCP does: `TCP_ESTABLISHED` and so on.</summary>
public enum LinuxSocketState
{
    /// <summary>No state that a kernel has.</summary>
    Unknown = 0,

    /// <summary>Connected; of UDP: it has a peer.</summary>
    Established = 1,

    /// <summary>Asks for a connection.</summary>
    SynSent,

    /// <summary>Was asked for a connection.</summary>
    SynReceived,

    /// <summary>Has closed its side.</summary>
    FinWait1,

    /// <summary>Has closed its side, which the peer knows.</summary>
    FinWait2,

    /// <summary>Waits for what may be still under way.</summary>
    TimeWait,

    /// <summary>Neither connected nor listening.</summary>
    Close,

    /// <summary>The peer has closed its side.</summary>
    CloseWait,

    /// <summary>Waits for the last acknowledgement.</summary>
    LastAck,

    /// <summary>Waits for connections.</summary>
    Listen,

    /// <summary>Both sides close.</summary>
    Closing,

    /// <summary>Was asked for a connection, and listens on.</summary>
    NewSynReceived,
}
