using System.Diagnostics;
using Vmi.Linux.Tests.Fakes;

namespace Vmi.Linux.Tests.Detection;

/// <summary>
/// The limit on the time of a detection. Alone, for the clock that ends it needs a thread of the pool, which tests beside it would hold.
/// </summary>
[CollectionDefinition(nameof(TimeLimitTests), DisableParallelization = true)]
[Collection(nameof(TimeLimitTests))]
public sealed class TimeLimitTests
{
    [Fact]
    public void A_symbol_table_made_to_be_searched_without_end_is_left_when_the_time_is_up()
    {
        // At each multiple of 8 bytes there begin 6783 names, with their number in front, that agree with the markers: to see that each
        // but one does not end where the markers begin takes the whole of them.
        const ulong number = 0x1a7f, nameLength = 0x80, stride = 256 * nameLength;
        const int tokenCount = 256, markerCount = (int)(number / 256) + 1;
        const ulong start = DetectionGuest.ImageAt + DetectionGuest.ReadOnly, tokens = start + 0xf_8000, markers = tokens - 112;
        var guest = new DetectionGuest();
        for (var at = start; at < markers; at += sizeof(ulong))
            guest.Memory.Write(at, number);
        for (var i = 0; i < markerCount; i++)
            guest.Memory.Write(markers + (ulong)i * 4, (uint)i * (uint)stride);
        guest.Memory.Write(markers + markerCount * 4, 0u);
        for (var i = 0; i < tokenCount; i++)
        {
            "aa\0"u8.CopyTo(guest.Memory.Bytes.AsSpan((int)tokens + i * 3));
            BitConverter.TryWriteBytes(guest.Memory.Bytes.AsSpan((int)tokens + (tokenCount * 3) + i * 2), (ushort)(i * 3));
        }

        var clock = Stopwatch.StartNew();
        var failure = ScanTests.Failure(guest, new LinuxDetectionOptions { TimeLimit = TimeSpan.FromSeconds(0.3) });
        Assert.Contains("was not searched to the end within 0.3 s", failure.Message);
        Assert.Contains("more candidates than are looked at", failure.Message);
        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(0.3), TimeSpan.FromSeconds(20));
    }
}
