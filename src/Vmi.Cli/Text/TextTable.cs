using Spectre.Console;

namespace Vmi.Cli.Text;

/// <summary>A table of text for people. What goes in is made harmless for a terminal.</summary>
internal sealed class TextTable(params Column[] columns)
{
    private readonly List<string[]> _rows = [];

    /// <summary>Adds a row; a missing value is an empty cell.</summary>
    public void Add(params string?[] cells) => _rows.Add([.. cells.Select(cell => SafeText.Escape(cell ?? ""))]);

    /// <summary>As aligned lines in full width.</summary>
    public void WriteAligned(TextWriter writer)
    {
        var widths = columns.Select((column, i) => _rows.Select(row => row[i].Length).Append(column.Title.Length).Max()).ToArray();
        WriteLine(writer, widths, [.. columns.Select(column => column.Title)]);
        foreach (var row in _rows)
            WriteLine(writer, widths, row);
    }

    /// <summary>On a terminal.</summary>
    public void WriteTo(IAnsiConsole console)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (var column in columns)
        {
            var added = new TableColumn(new Spectre.Console.Text(column.Title, new Style(decoration: Decoration.Bold)));
            table.AddColumn(column.IsNumber ? added.RightAligned() : added);
        }

        // Always as Text, never as markup: kernel threads have brackets in their names.
        foreach (var row in _rows)
            table.AddRow(row.Select(cell => new Spectre.Console.Text(cell)));
        console.Write(table);
    }

    private void WriteLine(TextWriter writer, int[] widths, string[] cells)
    {
        var padded = cells.Select((cell, i) => columns[i].IsNumber ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]));
        writer.Write($"{string.Join("  ", padded).TrimEnd(' ')}\n");
    }
}
