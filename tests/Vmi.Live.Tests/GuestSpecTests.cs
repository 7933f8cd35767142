using Vmi.Guests;

namespace Vmi.Live.Tests;

public sealed class GuestSpecTests
{
    /// <summary>With q35, memory beyond 2 GiB lies above 4 GiB.</summary>
    private static readonly Func<GuestSpec, object>[] Settings =
    [
        spec => spec.Kernel, spec => spec.PageTableIsolation, spec => spec.FiveLevel, spec => spec.Vcpus,
        spec => spec is { Machine: "q35", MemoryMiB: > 2048 },
    ];

    [Fact]
    public void The_guests_of_the_gate_have_every_pair_of_settings()
    {
        var guests = GuestSpecs.Gate;
        foreach (var one in Settings)
            foreach (var other in Settings.Where(each => each != one))
                foreach (var value in guests.Select(one).Distinct())
                    foreach (var with in guests.Select(other).Distinct())
                        Assert.True(
                            guests.Any(guest => one(guest).Equals(value) && other(guest).Equals(with)),
                            $"no guest has {value} with {with}");
    }
}
