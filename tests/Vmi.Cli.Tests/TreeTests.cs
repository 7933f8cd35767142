using Vmi.Cli.Text;

namespace Vmi.Cli.Tests;

public sealed class TreeTests
{
    private sealed record Entry(int Id, int? Parent);

    [Fact]
    public void Children_stand_below_their_parents_in_their_own_order() => Assert.Equal(
        ["1", "├─ 3", "│  └─ 5", "└─ 4", "2"], Draw(new(1, null), new(2, 99), new(3, 1), new(4, 1), new(5, 3)));

    [Fact]
    public void Whoever_is_in_a_circle_is_shown_once() =>
        Assert.Equal(["1", "└─ 2", "   └─ 3"], Draw(new(1, 3), new(2, 1), new(3, 2)));

    [Fact]
    public void An_entry_that_is_its_own_parent_is_a_root() => Assert.Equal(["1", "└─ 2"], Draw(new(1, 1), new(2, 1)));

    [Fact]
    public void Two_entries_of_one_id_are_both_shown() => Assert.Equal(3, Draw(new(1, null), new(1, null), new(2, 1)).Length);

    [Fact]
    public void A_chain_without_end_is_drawn_in_bounded_width()
    {
        var drawn = Draw([.. Enumerable.Range(1, 20_000).Select(id => new Entry(id, id - 1))]);
        Assert.Equal(20_000, drawn.Length);
        Assert.True(drawn.Max(line => line.Length) < 300);
    }

    private static string[] Draw(params Entry[] entries) =>
        [.. Tree.Arrange(entries, each => each.Id, each => each.Parent).Select(each => each.Branch + each.Entry.Id)];
}
