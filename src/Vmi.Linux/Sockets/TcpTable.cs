using System.Buffers.Binary;

namespace Vmi.Linux;

/// <summary>Walks the kernel's table of TCP connections (`tcp_hashinfo.ehash`), in which those stand that no process holds, too.</summary>
internal static class TcpTable
{
    private const string Hash = "inet_hashinfo";

    /// <summary>The `struct sock_common` of each connection, in no order.</summary>
    /// <exception cref="Symbols.ProfileException">The kernel has no such table.</exception>
    public static VmiList<Va> Read(KernelReader kernel)
    {
        var profile = kernel.Kernel.Profile;
        var table = kernel.Symbol("tcp_hashinfo");
        var link = profile.Field("sock_common", "skc_nulls_node").Offset;
        var missing = new Shortfall();
        var found = new List<Va>();
        var seen = new HashSet<Va>();
        if (!kernel.TryReadVa(table + profile.Field(Hash, "ehash").Offset, out var buckets)
            || !kernel.TryReadUInt32(table + profile.Field(Hash, "ehash_mask").Offset, out var mask))
            return new VmiList<Va>(found, $"the table of TCP connections at {table} is not there");
        var count = (ulong)mask + 1;
        if (count > (ulong)kernel.Limits.ListEntries)
        {
            missing.Add($"the table of TCP connections is cut at {kernel.Limits.ListEntries} entries");
            count = (ulong)kernel.Limits.ListEntries;
        }

        var heads = new byte[Frame.Size];
        for (ulong first = 0; first < count; first += Frame.Size / sizeof(ulong))
        {
            var part = heads.AsSpan(0, (int)Math.Min(count - first, Frame.Size / sizeof(ulong)) * sizeof(ulong));
            if (!kernel.TryRead(buckets + first * sizeof(ulong), part))
            {
                missing.Add($"the TCP connections from {first} on are not there");
                break;
            }

            for (var i = 0; i < part.Length; i += sizeof(ulong))
            {
                // An empty one holds its own number, which is odd.
                if ((BinaryPrimitives.ReadUInt64LittleEndian(part[i..]) & 1) != 0)
                    continue;
                var chain = HashList.Walk(kernel, buckets + first * sizeof(ulong) + (ulong)i, link, "TCP connections", seen);
                missing.Add(chain.Incomplete);
                found.AddRange(chain);
            }
        }

        return new VmiList<Va>(found, missing.ToString());
    }
}
