namespace Vmi.Linux;

/// <summary>How a socket carries data. Corresponds to `enum sock_type`.</summary>
public enum LinuxSocketType
{
    /// <summary>`SOCK_STREAM`: bytes in their order.</summary>
    Stream = 1,

    /// <summary>`SOCK_DGRAM`: messages.</summary>
    Datagram = 2,

    /// <summary>`SOCK_RAW`: packets with their headers.</summary>
    Raw = 3,

    /// <summary>`SOCK_RDM`: messages that arrive, in any order.</summary>
    ReliableDatagram = 4,

    /// <summary>`SOCK_SEQPACKET`: messages in their order.</summary>
    SequencedPacket = 5,

    /// <summary>`SOCK_DCCP`.</summary>
    Dccp = 6,

    /// <summary>`SOCK_PACKET`: the old form of packet sockets.</summary>
    Packet = 10,
}
