using System.Text;
using System.Text.Json;

namespace Vmi.Symbols;

/// <summary>
/// Reads the Intermediate Symbol Format of Volatility 3 (a JSON document, schemas 4.0 to 6.2), as dwarf2json and others write it. What is
/// not known is passed over.
/// </summary>
internal static class IsfReader
{
    private const int MaxEntries = 1 << 22;

    private delegate void MemberReader(ref Utf8JsonReader json, string name);

    /// <summary>Reads a whole document.</summary>
    /// <exception cref="JsonException">This is no JSON.</exception>
    /// <exception cref="InvalidOperationException">A value is of another kind than ISF says.</exception>
    /// <exception cref="FormatException">A number is no number that ISF allows there.</exception>
    public static IsfDocument Read(ReadOnlySpan<byte> bytes)
    {
        var json = new Utf8JsonReader(bytes);
        var document = new IsfDocument();
        json.Read();
        Members(ref json, (ref Utf8JsonReader json, string section) =>
        {
            MemberReader? read = section switch
            {
                "metadata" => (ref Utf8JsonReader json, string name) => Metadata(ref json, name, document),
                "base_types" => (ref Utf8JsonReader json, string name) => BaseType(ref json, name, document),
                "user_types" => (ref Utf8JsonReader json, string name) => UserType(ref json, name, document),
                "enums" => (ref Utf8JsonReader json, string name) => Enumeration(ref json, name, document),
                "symbols" => (ref Utf8JsonReader json, string name) => Symbol(ref json, name, document),
                _ => null,
            };
            if (read is null)
                json.Skip();
            else
                Members(ref json, read);
        });
        return json.Read() ? throw new JsonException("something follows the document") : document;
    }

    /// <summary>Reads each member of an object; the reader must leave behind the value that it is given.</summary>
    private static void Members(ref Utf8JsonReader json, MemberReader read)
    {
        if (json.TokenType != JsonTokenType.StartObject)
            throw new JsonException($"an object was expected at byte {json.TokenStartIndex}");
        for (var count = 0; json.Read() && json.TokenType == JsonTokenType.PropertyName; count++)
        {
            if (count >= MaxEntries)
                throw new JsonException($"there is an object of more than {MaxEntries} members");
            var name = json.GetString()!;
            json.Read();
            read(ref json, name);
        }
    }

    private static void Metadata(ref Utf8JsonReader json, string name, IsfDocument document)
    {
        if (json.TokenType == JsonTokenType.StartObject && name is "linux" or "windows" or "mac")
            document.Systems.Add(name);
        json.Skip();
    }

    private static void BaseType(ref Utf8JsonReader json, string name, IsfDocument document)
    {
        (uint Size, bool IsSigned, string Kind) found = (0, false, "");
        Members(ref json, (ref Utf8JsonReader json, string member) =>
        {
            switch (member)
            {
                case "size":
                    found.Size = json.GetUInt32();
                    break;
                case "signed":
                    found.IsSigned = json.GetBoolean();
                    break;
                case "kind":
                    found.Kind = json.GetString() ?? "";
                    break;
                default:
                    json.Skip();
                    break;
            }
        });
        document.BaseTypes[name] = found;
    }

    private static void UserType(ref Utf8JsonReader json, string name, IsfDocument document)
    {
        (bool IsUnion, uint Size, List<IsfField> Fields) found = (false, 0, []);
        Members(ref json, (ref Utf8JsonReader json, string member) =>
        {
            switch (member)
            {
                case "kind":
                    found.IsUnion = json.ValueTextEquals("union"u8);
                    break;
                case "size":
                    found.Size = json.GetUInt32();
                    break;
                case "fields":
                    Members(ref json, (ref Utf8JsonReader json, string field) => found.Fields.Add(Field(ref json, field)));
                    break;
                default:
                    json.Skip();
                    break;
            }
        });
        document.UserTypes[name] = found;
    }

    private static IsfField Field(ref Utf8JsonReader json, string name)
    {
        uint offset = 0;
        IsfType? type = null;
        Members(ref json, (ref Utf8JsonReader json, string member) =>
        {
            switch (member)
            {
                case "offset":
                    offset = json.GetUInt32();
                    break;
                case "type":
                    type = Type(ref json);
                    break;
                case "anonymous":
                    name = json.GetBoolean() ? "" : name;
                    break;
                default:
                    json.Skip();
                    break;
            }
        });
        return new IsfField(name, offset, type ?? throw new JsonException($"the field {name} has no type"));
    }

    /// <summary>A description within descriptions: how deep is bounded by the JSON reader's own depth.</summary>
    private static IsfType Type(ref Utf8JsonReader json)
    {
        var found = new IsfType("", "", null, 0, 0, 0);
        Members(ref json, (ref Utf8JsonReader json, string member) => found = member switch
        {
            "kind" => found with { Kind = json.GetString() ?? "" },
            "name" => found with { Name = json.GetString() ?? "" },
            "subtype" or "type" => found with { Target = Type(ref json) },
            "count" => found with { Count = json.GetUInt32() },
            "bit_position" => found with { BitPosition = json.GetUInt32() },
            "bit_length" => found with { BitLength = json.GetUInt32() },
            _ => Skip(ref json, found),
        });
        return found;
    }

    private static void Enumeration(ref Utf8JsonReader json, string name, IsfDocument document)
    {
        (uint Size, List<(string Name, long Value)> Constants) found = (0, []);
        Members(ref json, (ref Utf8JsonReader json, string member) =>
        {
            switch (member)
            {
                case "size":
                    found.Size = json.GetUInt32();
                    break;
                case "constants":
                    Members(ref json, (ref Utf8JsonReader json, string constant) =>
                        found.Constants.Add((constant, json.TryGetInt64(out var value) ? value : (long)json.GetUInt64())));
                    break;
                default:
                    json.Skip();
                    break;
            }
        });
        document.Enums[name] = found;
    }

    private static void Symbol(ref Utf8JsonReader json, string name, IsfDocument document) =>
        Members(ref json, (ref Utf8JsonReader json, string member) =>
        {
            if (member == "address")
                // Written by some as a signed number.
                document.Symbols[name] = json.TryGetUInt64(out var address) ? address : (ulong)json.GetInt64();
            else if (member == "constant_data" && name == "linux_banner" && json.TokenType == JsonTokenType.String)
                document.Banner = Encoding.UTF8.GetString(json.GetBytesFromBase64()).TrimEnd('\0', '\n');
            else
                json.Skip();
        });

    private static IsfType Skip(ref Utf8JsonReader json, IsfType found)
    {
        json.Skip();
        return found;
    }
}
