using System.Globalization;
using Vmi.Guests;

namespace Vmi.Matrix;

/// <summary>One line of the matrix: a kernel and the settings of the machine that it runs on.</summary>
internal sealed record Combination(string Kernel, bool IsIsolated, bool IsFiveLevel, int Vcpus)
{
    private static readonly string[] Kernels = ["5.10", "6.1", "6.12", "6.12-rt", "7.2"];
    private static readonly bool[] Both = [false, true];

    /// <summary>All of them; the first ones have every pair of settings, so that a run that ends early has seen the most.</summary>
    public static IReadOnlyList<Combination> All { get; } = Ordered(
        from kernel in Kernels
        from isolated in Both
        from fiveLevel in Both
        from vcpus in (int[])[1, 2, 4]
        select new Combination(kernel, isolated, fiveLevel, vcpus));

    /// <summary>
    /// The guest. All have memory above 4 GiB (with q35, what is beyond 2 GiB), huge pages in use, and 200 processes and 2,000 threads more.
    /// </summary>
    public GuestSpec Spec => new()
    {
        Name = "Matrix",
        Kernel = Kernel,
        Machine = "q35",
        Vcpus = Vcpus,
        MemoryMiB = 3072,
        PageTableIsolation = IsIsolated,
        FiveLevel = IsFiveLevel,
        Crowd = true,
    };

    private IEnumerable<(int, object)> Settings => [(0, Kernel), (1, IsIsolated), (2, IsFiveLevel), (3, Vcpus)];

    /// <summary>Its columns.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Kernel} | {(IsIsolated ? "on" : "off")} | {(IsFiveLevel ? 5 : 4)} | {Vcpus}");

    /// <summary>Each time the one that has the most pairs of settings not seen yet.</summary>
    private static List<Combination> Ordered(IEnumerable<Combination> all)
    {
        var (left, ordered, seen) = (all.ToList(), new List<Combination>(), new HashSet<((int, object), (int, object))>());
        while (left.Count > 0)
        {
            var next = left.MaxBy(each => Pairs(each).Count(pair => !seen.Contains(pair)))!;
            left.Remove(next);
            ordered.Add(next);
            seen.UnionWith(Pairs(next));
        }

        return ordered;
    }

    private static IEnumerable<((int, object), (int, object))> Pairs(Combination each) =>
        from one in each.Settings
        from other in each.Settings
        where one.Item1 < other.Item1
        select (one, other);
}
