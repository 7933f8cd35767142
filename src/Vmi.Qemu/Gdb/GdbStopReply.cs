using System.Buffers.Text;

namespace Vmi.Qemu;

/// <summary>Why the stub says that the machine stands still: `T05thread:01;watch:…;`.</summary>
/// <param name="Signal">GDB's number of a signal.</param>
/// <param name="Thread">The stub's thread of the vCPU, its number plus one; 0 if it names none.</param>
/// <param name="Watched">How a watchpoint was touched; none if none was.</param>
/// <param name="Address">The address of the watchpoint that was touched.</param>
internal readonly record struct GdbStopReply(int Signal, int Thread, MemoryAccess Watched, ulong Address)
{
    /// <summary>A breakpoint, a watchpoint, a step: what was asked for.</summary>
    public const int Trap = 5;

    /// <summary>Stopped from outside: by an interruption, or by `stop` in a monitor.</summary>
    public const int Interrupted = 2;

    /// <summary>Takes a stop reply apart; false if it is none.</summary>
    public static bool TryParse(ReadOnlySpan<byte> packet, out GdbStopReply reply)
    {
        reply = default;
        if (packet.Length < 3 || packet[0] is not ((byte)'T' or (byte)'S')
            || !Utf8Parser.TryParse(packet.Slice(1, 2), out byte signal, out var used, 'x') || used != 2)
            return false;
        reply = new GdbStopReply(signal, 0, MemoryAccess.None, 0);
        for (packet = packet[3..]; packet.Length > 0;)
        {
            var end = packet.IndexOf((byte)';');
            var field = end < 0 ? packet : packet[..end];
            packet = end < 0 ? default : packet[(end + 1)..];
            var colon = field.IndexOf((byte)':');
            if (colon < 0)
                continue;
            var value = field[(colon + 1)..];
            if (field[..colon].SequenceEqual("thread"u8))
            {
                // With the multiprocess extension: pPROCESS.THREAD.
                value = value[(value.IndexOf((byte)'.') + 1)..];
                if (!Utf8Parser.TryParse(value, out int thread, out used, 'x') || used != value.Length)
                    return false;
                reply = reply with { Thread = thread };
            }
            else if (AccessOf(field[..colon]) is var access and not MemoryAccess.None)
            {
                if (!Utf8Parser.TryParse(value, out ulong address, out used, 'x') || used != value.Length)
                    return false;
                reply = reply with { Watched = access, Address = address };
            }
        }
        return true;
    }

    private static MemoryAccess AccessOf(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("watch"u8) ? MemoryAccess.Write
        : name.SequenceEqual("rwatch"u8) ? MemoryAccess.Read
        : name.SequenceEqual("awatch"u8) ? MemoryAccess.ReadWrite
        : MemoryAccess.None;
}
