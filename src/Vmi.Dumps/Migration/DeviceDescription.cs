using System.Text.Json;

namespace Vmi.Dumps;

/// <summary>
/// What the description at the end of a migration stream says of one device: which fields its section holds, in order, and their sizes.
/// </summary>
/// <param name="Name">The device's name.</param>
/// <param name="Instance">Which of several devices of one name.</param>
/// <param name="Json">Its part of the description.</param>
internal sealed record DeviceDescription(string Name, uint Instance, JsonElement Json)
{
    private const int MostArrayItems = 1 << 16;
    private const int LongestSection = 1 << 28;
    private const int SubsectionHeaderBytes = 1 + 1 + 4;   // QEMU_VM_SUBSECTION, the name's length, the version

    /// <summary>Reads the description.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <exception cref="InvalidOperationException">It has not the form of a description.</exception>
    public static List<DeviceDescription> ReadAll(ReadOnlyMemory<byte> json)
    {
        // Never disposed of: it may then not pool its memory, and lives as long as one of the descriptions.
        var devices = JsonDocument.Parse(json).RootElement.GetProperty("devices");
        var all = new List<DeviceDescription>(devices.GetArrayLength());
        foreach (var device in devices.EnumerateArray())
            all.Add(new DeviceDescription(device.GetProperty("name").GetString()!, device.GetProperty("instance_id").GetUInt32(), device));
        return all;
    }

    /// <summary>The bytes that the device's section has between its header and its footer.</summary>
    /// <exception cref="InvalidOperationException">The description has not the form of one.</exception>
    public long Bytes() => Bytes(Json);

    /// <summary>
    /// Where each field is in the section, by its path: `env.segs[2].base`. Subsections are not looked into. At most
    /// <paramref name="most"/> of them and of the structures they are in.
    /// </summary>
    /// <exception cref="InvalidOperationException">The description has not the form of one.</exception>
    public Dictionary<string, (long Offset, int Bytes)> Fields(int most)
    {
        var fields = new Dictionary<string, (long, int)>();
        Collect(Json, "", 0, fields, ref most);
        return fields;
    }

    private static void Collect(JsonElement state, string prefix, long at, Dictionary<string, (long, int)> fields, ref int left)
    {
        foreach (var field in FieldsOf(state))
        {
            var (name, bytes, count) = Shape(field);
            // Arrays of structures without fields count, too: nested, they would be endless.
            for (var i = 0; i < count && left-- > 0; i++, at += bytes)
            {
                var path = count == 1 && !field.TryGetProperty("array_len", out _) ? prefix + name : $"{prefix}{name}[{i}]";
                if (field.TryGetProperty("struct", out var inner))
                    Collect(inner, path + ".", at, fields, ref left);
                else
                    fields.TryAdd(path, (at, bytes));
            }
        }
    }

    private static long Bytes(JsonElement state)
    {
        long total = 0;
        foreach (var field in FieldsOf(state))
        {
            var (_, bytes, count) = Shape(field);
            total += (long)bytes * count;
        }
        if (state.TryGetProperty("subsections", out var subsections))
        {
            foreach (var subsection in subsections.EnumerateArray())
            {
                var name = subsection.GetProperty("vmsd_name").GetString() ?? throw new InvalidOperationException();
                total += SubsectionHeaderBytes + name.Length + Bytes(subsection);
            }
        }
        return total is >= 0 and <= LongestSection ? total : throw new InvalidOperationException();
    }

    private static JsonElement.ArrayEnumerator FieldsOf(JsonElement state) =>
        state.TryGetProperty("fields", out var fields) ? fields.EnumerateArray() : default;

    private static (string Name, int Bytes, int Count) Shape(JsonElement field)
    {
        var bytes = field.GetProperty("size").GetInt64();
        var count = field.TryGetProperty("array_len", out var length) ? length.GetInt64() : 1;
        if (bytes is < 0 or > LongestSection || count is < 0 or > MostArrayItems)
            throw new InvalidOperationException();
        return (field.GetProperty("name").GetString()!, (int)bytes, (int)count);
    }
}
