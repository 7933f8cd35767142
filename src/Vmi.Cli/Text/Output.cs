using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Spectre.Console;

namespace Vmi.Cli.Text;

/// <summary>Where results go, and nothing else: the standard output, or a file in its place for a while.</summary>
internal sealed class Output : IDisposable
{
    private readonly Stream _stream;
    private readonly StreamWriter _writer;

    /// <summary>The standard output.</summary>
    public Output()
        : this(Console.OpenStandardOutput())
    {
    }

    private Output(Stream stream)
    {
        _stream = stream;
        _writer = new StreamWriter(_stream, new UTF8Encoding(false), 64 * 1024) { NewLine = "\n" };
    }

    /// <summary>A file that nobody else sees. It has no name from the start, so that it is gone however the process ends.</summary>
    public static Output Held()
    {
        var path = Path.GetTempFileName();
        var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Delete);
        File.Delete(path);
        return new Output(file);
    }

    /// <summary>A line of text, made harmless for a terminal.</summary>
    public void Line(string text) => _writer.WriteLine(SafeText.Escape(text));

    /// <summary>A table: drawn on a terminal, aligned lines elsewhere.</summary>
    public void Table(TextTable table)
    {
        if (Console.IsOutputRedirected)
        {
            table.WriteAligned(_writer);
            return;
        }

        _writer.Flush();
        table.WriteTo(AnsiConsole.Console);
    }

    /// <summary>The one JSON document of a command; all in ASCII, so that no text of a guest reaches a terminal as it is.</summary>
    public void Json<T>(T document, JsonTypeInfo<T> type)
    {
        _writer.Flush();
        JsonSerializer.Serialize(_stream, document, type);
        _writer.WriteLine();
    }

    /// <summary>The one JSON document of a command, an array, entry by entry; in ASCII as <see cref="Json"/>.</summary>
    public JsonList<T> JsonList<T>(JsonTypeInfo<T> type)
    {
        _writer.Flush();
        return new JsonList<T>(_stream, type);
    }

    /// <summary>One JSON object on a line of its own, which is out at once; in ASCII as <see cref="Json"/>.</summary>
    public void JsonLine<T>(T document, JsonTypeInfo<T> type)
    {
        _writer.Flush();
        using (var json = new Utf8JsonWriter(_stream))
            JsonSerializer.Serialize(json, document, type);
        _writer.WriteLine();
        Flush();
    }

    /// <summary>Writes out what was written so far.</summary>
    public void Flush()
    {
        _writer.Flush();
        _stream.Flush();
    }

    /// <summary>Bytes as they are.</summary>
    public void Raw(ReadOnlySpan<byte> bytes)
    {
        _writer.Flush();
        _stream.Write(bytes);
    }

    /// <summary>Writes all that <see cref="Held"/> has kept to another.</summary>
    public void CopyTo(Output other)
    {
        Flush();
        _stream.Position = 0;
        other.Flush();
        _stream.CopyTo(other._stream);
    }

    /// <summary>Writes out what is still here.</summary>
    public void Dispose()
    {
        _writer.Dispose();
        _stream.Dispose();
    }
}
