using System.Globalization;

namespace Vmi.Xen;

/// <summary>What is changed in a domain: the sum of a journal's lines.</summary>
internal sealed class JournalEntries
{
    private const char Separator = ' ';

    /// <summary>The process that changes it.</summary>
    public ProcessStamp Owner { get; private set; }

    /// <summary>Whether there is a ring, and what belongs to it.</summary>
    public bool IsAttached { get; private set; }

    /// <summary>The limit of pages that the domain had; null if it was not raised.</summary>
    public ulong? Limit { get; private set; }

    /// <summary>Frames that were added.</summary>
    public HashSet<ulong> Frames { get; } = [];

    /// <summary>Frames of the default view whose rights were changed.</summary>
    public HashSet<ulong> Rights { get; } = [];

    /// <summary>Pauses that were not ended.</summary>
    public int Pauses { get; private set; }

    /// <summary>Whether there is nothing to undo.</summary>
    public bool IsEmpty => !IsAttached && Limit is null && Frames.Count == 0 && Pauses == 0;

    /// <summary>The lines that say just this.</summary>
    public IEnumerable<string> Lines()
    {
        yield return $"owner {Owner.Pid} {Owner.StartTicks}";
        if (IsAttached)
            yield return "attach";
        if (Limit is { } limit)
            yield return $"limit {limit}";
        foreach (var gfn in Frames)
            yield return $"add {gfn}";
        foreach (var some in Rights.Chunk(1024))
            yield return $"rights {string.Join(Separator, some)}";
        for (var i = 0; i < Pauses; i++)
            yield return "pause";
    }

    /// <summary>Takes a line into account. One that is cut off, since its writer was killed meanwhile, counts as far as it goes.</summary>
    public void Apply(string line)
    {
        var words = line.Split(Separator, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0)
            return;
        var numbers = words.Skip(1).Select(Number).ToArray();
        switch (words[0], numbers)
        {
            case ("owner", [{ } pid, { } start]):
                Owner = new ProcessStamp((int)pid, start);
                break;
            case ("attach", _):
                IsAttached = true;
                break;
            case ("detach", _):
                IsAttached = false;
                Rights.Clear();
                break;
            case ("limit", [{ } pages]):
                Limit ??= pages;
                break;
            case ("limited", _):
                Limit = null;
                break;
            case ("add", [{ } gfn]):
                Frames.Add(gfn);
                break;
            case ("remove", [{ } gfn]):
                Frames.Remove(gfn);
                break;
            case ("rights", _):
                Rights.UnionWith(numbers.OfType<ulong>());
                break;
            case ("pause", _):
                Pauses++;
                break;
            case ("resume", _):
                Pauses = Math.Max(0, Pauses - 1);
                break;
        }
    }

    private static ulong? Number(string word) =>
        ulong.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
