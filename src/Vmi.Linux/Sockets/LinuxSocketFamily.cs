namespace Vmi.Linux;

/// <summary>Which addresses a socket has: the kernel's number (`AF_INET` and so on). Those of other families are numbers only.</summary>
public enum LinuxSocketFamily
{
    /// <summary>`AF_UNSPEC`.</summary>
    Unspecified = 0,

    /// <summary>`AF_UNIX`: within one machine.</summary>
    Unix = 1,

    /// <summary>`AF_INET`: IPv4.</summary>
    Inet = 2,

    /// <summary>`AF_INET6`: IPv6.</summary>
    Inet6 = 10,

    /// <summary>`AF_NETLINK`: to the kernel.</summary>
    Netlink = 16,

    /// <summary>`AF_PACKET`: whole packets of a network interface.</summary>
    Packet = 17,
}
