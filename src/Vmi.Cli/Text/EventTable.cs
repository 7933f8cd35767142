namespace Vmi.Cli.Text;

/// <summary>A table whose rows come one by one, and are not kept. A cell that is wider than its column pushes the others aside.</summary>
internal sealed class EventTable(Output output, params (Column Column, int Width)[] columns)
{
    private bool _hasTitles;

    /// <summary>Whether each row is out at once; else when there are enough of them.</summary>
    public bool IsFlushed { get; init; } = true;

    /// <summary>Adds a row; a missing value is an empty cell.</summary>
    public void Add(params string?[] cells)
    {
        if (!_hasTitles)
            Line([.. columns.Select(each => each.Column.Title)]);
        _hasTitles = true;
        Line(cells);
        if (IsFlushed)
            output.Flush();
    }

    private void Line(string?[] cells) => output.Line(string.Join("  ", cells.Select((cell, i) =>
    {
        // Escaped before it is measured: what stands on the screen counts.
        var text = SafeText.Escape(cell ?? "");
        return columns[i].Column.IsNumber ? text.PadLeft(columns[i].Width) : text.PadRight(columns[i].Width);
    })).TrimEnd(' '));
}
