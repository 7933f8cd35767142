using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Vmi.Cli.Text;

/// <summary>A JSON array whose entries come one by one, and are not kept.</summary>
internal sealed class JsonList<T> : IDisposable
{
    private const int MostPending = 64 * 1024;

    private readonly Stream _stream;
    private readonly Utf8JsonWriter _json;
    private readonly JsonTypeInfo<T> _type;

    public JsonList(Stream stream, JsonTypeInfo<T> type)
    {
        _stream = stream;
        _json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        _type = type;
        _json.WriteStartArray();
    }

    public void Add(T entry)
    {
        JsonSerializer.Serialize(_json, entry, _type);
        if (_json.BytesPending > MostPending)
            _json.Flush();
    }

    public void Dispose()
    {
        _json.WriteEndArray();
        _json.Dispose();
        _stream.WriteByte((byte)'\n');
    }
}
