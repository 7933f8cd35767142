using System.Buffers;
using System.Text.Json;

namespace Vmi.Qemu;

/// <summary>Commands and answers of QMP, and careful access to what an answer holds.</summary>
internal static class QmpMessage
{
    /// <summary>A command as one line.</summary>
    public static byte[] Command(string command, long id, ReadOnlySpan<(string Name, string Value)> arguments)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("execute", command);
            if (arguments.Length > 0)
            {
                writer.WriteStartObject("arguments");
                foreach (var (name, value) in arguments)
                    writer.WriteString(name, value);
                writer.WriteEndObject();
            }
            writer.WriteNumber("id", id);
            writer.WriteEndObject();
        }
        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Whether a message is an event, and which of those that matter. Allocates nothing.</summary>
    /// <exception cref="JsonException">It is not JSON.</exception>
    public static bool IsEvent(ReadOnlySpan<byte> json, out bool isReset, out bool isResume)
    {
        (isReset, isResume) = (false, false);
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isEvent = reader.ValueTextEquals("event"u8);
            reader.Read();
            if (!isEvent)
            {
                reader.Skip();
                continue;
            }
            if (reader.TokenType == JsonTokenType.String)
                (isReset, isResume) = (reader.ValueTextEquals("RESET"u8), reader.ValueTextEquals("RESUME"u8));
            return true;
        }
        return false;
    }

    /// <summary>What an answer holds in `return`.</summary>
    /// <exception cref="VmiDriverException">The answer is an error, or none at all.</exception>
    public static JsonElement Result(JsonElement answer, string command)
    {
        if (answer.ValueKind == JsonValueKind.Object)
        {
            if (answer.TryGetProperty("return", out var result))
                return result.Clone();
            if (answer.TryGetProperty("error", out var error))
                throw new VmiDriverException($"QEMU refused `{command}`: {Text(error, "desc") ?? "no reason given"}.");
        }
        throw Unexpected(command);
    }

    /// <summary>A string property; null if there is none.</summary>
    public static string? Text(JsonElement element, string property) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(property, out var value) ? Text(value) : null;

    /// <summary>A string; null if the element is something else.</summary>
    public static string? Text(JsonElement element)
    {
        try
        {
            return element.ValueKind == JsonValueKind.String ? element.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null; // a lone surrogate
        }
    }

    /// <summary>A number property; null if there is none or it is no whole number of 64 bits.</summary>
    public static long? Number(JsonElement element, string property) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(property, out var value)
        && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;

    /// <summary>A true or false property; null if there is none.</summary>
    public static bool? Flag(JsonElement element, string property) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(property, out var value)
            ? value.ValueKind switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => null }
            : null;

    /// <summary>The error for an answer of another shape than the command's.</summary>
    public static VmiDriverException Unexpected(string command) =>
        new($"The monitor's answer to `{command}` has an unknown form: is it QEMU's?");
}
