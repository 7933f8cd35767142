using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Vmi.Linux;

/// <summary>`struct sockaddr` of the families that matter, in strace's form.</summary>
/// <param name="length">Which argument its length is; at the return that argument points to the length.</param>
/// <param name="atReturn">Whether the kernel writes it.</param>
internal sealed class SocketAddressDecoder(int length, bool atReturn = false) : ValueDecoder(SyscallValueKind.SocketAddress, atReturn)
{
    private const int Longest = 128;
    private const int Family = sizeof(ushort);
    private const ushort Unix = 1;
    private const ushort Inet = 2;
    private const ushort Inet6 = 10;
    private const ushort Netlink = 16;
    private const int InetLength = 8;
    private const int Inet6Length = 24;
    private const int NetlinkLength = 12;

    public override void Append(SyscallFrame frame, ulong value, StringBuilder text)
    {
        var bytes = frame.Argument(length);
        if (AtReturn && value != 0)
        {
            Span<byte> written = stackalloc byte[sizeof(uint)];
            if (!frame.TryRead(bytes, written))
            {
                text.AppendMissing(value);
                return;
            }

            bytes = SyscallFrame.UInt32(written);
        }

        AppendAddress(frame, value, (uint)bytes, text);
    }

    public static void AppendAddress(SyscallFrame frame, ulong value, uint length, StringBuilder text)
    {
        Span<byte> bytes = stackalloc byte[Longest];
        bytes = bytes[..(int)Math.Min(length, Longest)];
        if (value == 0)
            text.Append("NULL");
        else if (bytes.Length < Family)
            AddressDecoder.AppendAddress(value, text);
        else if (frame.TryRead(value, bytes))
            AppendAddress(bytes, text);
        else
            text.AppendMissing(value);
    }

    private static void AppendAddress(ReadOnlySpan<byte> bytes, StringBuilder text)
    {
        var family = BinaryPrimitives.ReadUInt16LittleEndian(bytes);
        text.Append("{sa_family=");
        ConstantDecoder.AppendConstant(SocketConstants.Families, family, text);
        if (bytes.Length > Family)
            AppendRest(family, bytes, text);
        text.Append('}');
    }

    private static void AppendRest(ushort family, ReadOnlySpan<byte> bytes, StringBuilder text)
    {
        switch (family)
        {
            case Unix:
                // A first byte of zero: an abstract name, as long as the address says.
                if (bytes[Family] == 0 && bytes.Length > Family + 1)
                    text.Append(", sun_path=@").AppendQuoted(bytes[(Family + 1)..]);
                else
                    text.Append(", sun_path=").AppendQuoted(GuestText.Terminated(bytes[Family..]));
                break;
            case Inet when bytes.Length >= InetLength:
                AppendPort("sin_port", bytes, text).Append(", sin_addr=inet_addr(\"").Append(new IPAddress(bytes[4..8])).Append("\")");
                break;
            case Inet6 when bytes.Length >= Inet6Length:
                AppendPort("sin6_port", bytes, text).Append(", sin6_flowinfo=htonl(")
                    .AppendNumber((ulong)BinaryPrimitives.ReadUInt32BigEndian(bytes[4..])).Append("), inet_pton(AF_INET6, \"")
                    .Append(new IPAddress(bytes[8..24])).Append("\", &sin6_addr)");
                if (bytes.Length >= Inet6Length + sizeof(uint))
                    text.Append(", sin6_scope_id=").AppendNumber((ulong)SyscallFrame.UInt32(bytes[Inet6Length..]));
                break;
            case Netlink when bytes.Length >= NetlinkLength:
                text.Append(", nl_pid=").AppendNumber((long)(int)SyscallFrame.UInt32(bytes[4..]))
                    .Append(System.Globalization.CultureInfo.InvariantCulture, $", nl_groups={SyscallFrame.UInt32(bytes[8..]):x8}");
                break;
            default:
                text.Append(", sa_data=").AppendQuoted(bytes[Family..]);
                break;
        }
    }

    private static StringBuilder AppendPort(string member, ReadOnlySpan<byte> bytes, StringBuilder text) =>
        text.Append(", ").Append(member).Append("=htons(").AppendNumber((ulong)BinaryPrimitives.ReadUInt16BigEndian(bytes[Family..]))
            .Append(')');
}
