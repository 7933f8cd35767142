using System.Diagnostics;

namespace Vmi.Xen.Tests;

public sealed class JournalTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("vmi-journal-");
    private readonly Guid _domain = Guid.NewGuid();

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void What_a_dead_process_changed_is_left()
    {
        using (var journal = Open())
        {
            journal.Note("attach");
            journal.Note("limit 100");
            journal.Note("add 5");
            journal.Note("add 6");
            journal.Note("remove 5");
            journal.NoteRights([1, 2, 3]);
            journal.Note("pause");
            journal.Note("pause");
            journal.Note("resume");
        }

        Assert.Null(Open().Left());
        Bury();
        var left = Open().Left();
        Assert.NotNull(left);
        Assert.True(left.IsAttached);
        Assert.Equal((100UL, 1), (left.Limit!.Value, left.Pauses));
        Assert.Equal([6UL], left.Frames);
        Assert.Equal([1UL, 2, 3], left.Rights.Order().ToArray());
    }

    [Fact]
    public void When_nothing_is_changed_any_more_there_is_no_file()
    {
        using var journal = Open();
        journal.Note("pause");
        Assert.True(journal.Exists);
        journal.Note("resume");
        Assert.False(journal.Exists);
        journal.Note("attach");
        journal.NoteRights([1]);
        journal.Note("add 9");
        journal.Note("remove 9");
        journal.Note("detach");
        Assert.False(journal.Exists);
    }

    [Fact]
    public void A_journal_of_another_domain_with_the_same_number_is_not_this_ones()
    {
        using (var journal = Open())
            journal.Note("attach");
        Bury();
        using var other = new XenJournal(_directory.FullName, 7, Guid.NewGuid());
        Assert.Null(other.Left());
    }

    [Fact]
    public void A_line_that_was_cut_off_and_nonsense_are_borne()
    {
        using (var journal = Open())
        {
            journal.Note("attach");
            journal.Note("add 5");
        }

        Bury();
        System.IO.File.AppendAllText(File(), "add x\nwhat is this\n\nlimit\nadd 99999999999999999999999999\nrights 1 2 x 4");
        var left = Open().Left()!;
        Assert.Equal([5UL], left.Frames);
        Assert.Null(left.Limit);
        Assert.Equal([1UL, 2, 4], left.Rights.Order().ToArray());
    }

    [Fact]
    public void A_long_journal_is_written_anew_and_says_the_same()
    {
        using (var journal = Open())
        {
            journal.Note("attach");
            for (var i = 0; i < 10_000; i++)
            {
                journal.Note("pause");
                journal.Note("resume");
            }

            journal.Note("add 77");
        }

        Assert.True(System.IO.File.ReadLines(File()).Count() < 5000);
        Bury();
        Assert.Equal([77UL], Open().Left()!.Frames);
    }

    [Fact]
    public void A_process_is_alive_until_it_has_ended()
    {
        using var process = Process.Start(new ProcessStartInfo("sleep", ["100"]))!;
        var fields = System.IO.File.ReadAllText($"/proc/{process.Id}/stat").Split(") ")[1].Split(' ');
        var stamp = new ProcessStamp(process.Id, ulong.Parse(fields[19], System.Globalization.CultureInfo.InvariantCulture));
        Assert.True(stamp.IsAlive);
        Assert.False((stamp with { StartTicks = stamp.StartTicks + 1 }).IsAlive);
        process.Kill();
        process.WaitForExit();
        Assert.False(stamp.IsAlive);
    }

    private XenJournal Open() => new(_directory.FullName, 7, _domain);

    private string File() => Assert.Single(Directory.GetFiles(_directory.FullName));

    /// <summary>Makes the journal that of a process that has ended.</summary>
    private void Bury()
    {
        var lines = System.IO.File.ReadAllLines(File());
        lines[0] = "owner 1 4711";
        System.IO.File.WriteAllLines(File(), lines);
    }
}
