using System.Diagnostics;

namespace Vmi.Linux.Tests.Detection;

/// <summary>A kernel's memory with anything written over it: it is found, or it is not; nothing else happens.</summary>
public sealed class HostileMemoryTests
{
    private static readonly ulong[] Targets =
    [
        0x21000, 0x33000, DetectionGuest.ProcessRoot, DetectionGuest.PagesAt,
        DetectionGuest.ImageAt + DetectionGuest.ReadOnly, DetectionGuest.ImageAt + DetectionGuest.ReadOnly + 0x10000,
        DetectionGuest.ImageAt + DetectionGuest.ReadOnly + 0x80000, DetectionGuest.ImageAt + DetectionGuest.Data,
        DetectionGuest.ImageAt + DetectionGuest.Data + 0x1000,
        .. Enumerable.Range(0, 6).Select(i => DetectionGuest.ImageAt + DetectionGuest.RootOffset + (ulong)i * Frame.Size),
    ];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Only_the_documented_error_comes_out(bool withRegisters)
    {
        var random = new Random(20);
        var guest = new DetectionGuest();
        var clean = guest.Memory.Bytes.ToArray();
        var found = 0;
        var missed = 0;
        for (var clock = Stopwatch.StartNew(); clock.ElapsedMilliseconds < 1500;)
        {
            clean.CopyTo(guest.Memory.Bytes, 0);
            for (var i = random.Next(1, 4); i > 0; i--)
                Damage(random, guest);
            using var core = withRegisters
                ? new VmiCore(new DetectionDriver(guest.Memory, guest.Registers(DetectionGuest.ProcessRoot)))
                : new VmiCore(guest.Memory);
            try
            {
                Assert.Equal(new Va(DetectionGuest.Image), LinuxDetector.Detect(core).ImageBase);
                found++;
            }
            catch (LinuxDetectionException)
            {
                missed++;
            }
        }

        Assert.True(found > 0 && missed > 0, $"{found} found, {missed} not");
    }

    private static void Damage(Random random, DetectionGuest guest)
    {
        var at = Targets[random.Next(Targets.Length)] + (ulong)random.Next(Frame.Size / 8) * 8;
        switch (random.Next(4))
        {
            case 0:
                guest.Memory.Write(at, (ulong)random.NextInt64());
                break;
            case 1:
                guest.Memory.Bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 2:
                // Some frame of the machine, present.
                guest.Memory.Write(at, (ulong)random.Next(DetectionGuest.Length >> Frame.Shift) << Frame.Shift | 0x63);
                break;
            default:
                random.NextBytes(guest.Memory.Bytes.AsSpan((int)at & ~(Frame.Size - 1), random.Next(1, Frame.Size)));
                break;
        }
    }
}
