using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Vmi.Amd64;
using Vmi.Cli.Json;
using Vmi.Cli.Tests;

namespace Vmi.Docs.Tests;

/// <summary>docs/commands.md against the command's own help and the types of its JSON.</summary>
public sealed partial class CommandsDocumentTests
{
    private static readonly string Document = Repository.Read("docs/commands.md");

    /// <summary>What comes before the first command is said of all of them.</summary>
    private static readonly string[] Sections = Document.Split("\n## ");

    private static readonly IReadOnlyList<string> Helps = [.. HelpsOf([])];

    [Fact]
    public void Every_command_has_a_section_under_its_usage()
    {
        var usages = Helps.Select(UsageOf).Where(usage => !usage.Contains("[command]", StringComparison.Ordinal));
        Assert.Equal(usages, Sections.Skip(1).Select(section => section.Split('\n')[0].Trim('`')));
    }

    [Fact]
    public void Every_option_of_a_command_stands_in_its_section_or_before_the_first()
    {
        foreach (var help in Helps)
        {
            var section = Sections.FirstOrDefault(each => each.StartsWith($"`{UsageOf(help)}`", StringComparison.Ordinal)) ?? "";
            foreach (Match option in Option().Matches(help))
            {
                var name = $"`{option.Groups[1].Value}";
                Assert.True(section.Contains(name, StringComparison.Ordinal) || Sections[0].Contains(name, StringComparison.Ordinal), name);
            }
        }
    }

    [Fact]
    public void Every_property_of_the_JSON_is_documented_with_its_type_and_in_its_order()
    {
        var tables = TablesOfProperties();
        foreach (var (type, properties) in JsonTypes())
            Assert.True(tables.Contains(properties), $"No table has exactly the properties of {type}:\n{properties}");
    }

    [Fact]
    public void Every_block_of_JSON_has_a_shape_that_the_command_writes_and_every_shape_is_shown()
    {
        var shapes = JsonTypes().Select(each => NamesOf(each.Properties)).ToHashSet();
        var shown = new HashSet<string>();
        foreach (Match block in JsonBlock().Matches(Document))
        {
            using var json = JsonDocument.Parse(block.Groups[1].Value);
            foreach (var each in ObjectsIn(json.RootElement))
            {
                var names = string.Join(' ', each.EnumerateObject().Select(property => property.Name));
                Assert.True(shapes.Contains(names), $"No document of the command has the properties {names}");
                shown.Add(names);
            }
        }

        Assert.Equal(shapes.Order(), shown.Order());
    }

    /// <summary>The files named in them are not there: more than the command line can't be right.</summary>
    [Fact]
    public void Every_command_line_in_the_documents_and_the_help_is_one()
    {
        var lines = Helps.SelectMany(help => Example().Matches(help.Split("\nExamples:\n")[1])).Select(match => match.Groups[1].Value)
            .Concat(Typed().Matches(Document + Repository.Read("README.md")).Select(match => match.Groups[1].Value))
            .Where(line => !line.Contains("COMMAND", StringComparison.Ordinal)).Distinct().ToList();
        Assert.True(lines.Count > 30, $"{lines.Count} command lines found");
        foreach (var line in lines)
        {
            var (exitCode, _, error) = VmiCommandLine.Run(
                [.. Word().Matches(line.Split([" > ", " | "], StringSplitOptions.None)[0]).Select(word => word.Value.Trim('"'))]);
            Assert.True(exitCode is 0 or 1, $"{line}: {error}");
        }
    }

    private static IEnumerable<string> HelpsOf(string[] command)
    {
        var (exitCode, help, _) = VmiCommandLine.Run([.. command, "--help"]);
        Assert.Equal(0, exitCode);
        yield return help;
        if (help.Split("\nCommands:\n") is not [_, var commands])
            yield break;
        foreach (Match match in Command().Matches(commands.Split("\n\n")[0]))
        {
            foreach (var below in HelpsOf([.. command, match.Groups[1].Value]))
                yield return below;
        }
    }

    /// <summary>"vmi maps TARGET PID" of "  vmi maps &lt;TARGET&gt; &lt;PID&gt; [options]".</summary>
    private static string UsageOf(string help) => string.Concat(
        help.Split("Usage:\n")[1].Split('\n')[0].Trim().Replace(" [options]", "", StringComparison.Ordinal).Split('<', '>'));

    /// <summary>Each type of object that the command writes, with a line for each property, its name and its type.</summary>
    private static IEnumerable<(string Type, string Properties)> JsonTypes()
    {
        var types = typeof(CliJson).GetProperties().Select(property => property.GetValue(CliJson.Default)).OfType<JsonTypeInfo>()
            .Where(type => type.Type.Namespace == typeof(CliJson).Namespace).ToList();
        Assert.NotEmpty(types);
        foreach (var type in types)
            yield return (type.Type.Name, string.Join('\n', type.Properties.Select(each => $"{each.Name} {Describe(each)}")));
        yield return ("registers", string.Join('\n', Enum.GetValues<Amd64Register>()
            .Where(each => Amd64Registers.GroupOf(each) != Amd64RegisterGroups.SegmentBases) // the segments have them
            .Select(each => $"{JsonNamingPolicy.SnakeCaseLower.ConvertName(each.ToString())} {Describe(each)}")
            .Prepend("vcpu number").Append("local_apic object or null")));
    }

    private static string Describe(JsonPropertyInfo property)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var name = type == typeof(string) ? "string"
            : type == typeof(bool) ? "boolean"
            : type.IsPrimitive || type == typeof(decimal) ? "number"
            : !type.IsAssignableTo(typeof(IEnumerable)) || type.GenericTypeArguments.Length == 2 ? "object"
            : type.GenericTypeArguments[0] == typeof(string) ? "array of strings"
            : type.GenericTypeArguments[0].IsPrimitive ? "array of numbers" : "array of objects";
        return type != property.PropertyType || property.IsGetNullable ? $"{name} or null" : name;
    }

    private static string Describe(Amd64Register register) =>
        register is >= Amd64Register.Cs and <= Amd64Register.Idtr ? "object or null" : "string or null";

    private static string NamesOf(string properties) => string.Join(' ', properties.Split('\n').Select(line => line.Split(' ')[0]));

    private static HashSet<string> TablesOfProperties() =>
    [
        .. Table().Matches(Document).Select(table => string.Join('\n', table.Value.TrimEnd('\n').Split('\n')
            .Select(row => row.Split('|', StringSplitOptions.TrimEntries)).Select(cells => $"{cells[1].Trim('`')} {cells[2]}"))),
    ];

    private static IEnumerable<JsonElement> ObjectsIn(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Array => element.EnumerateArray().SelectMany(ObjectsIn),
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property => ObjectsIn(property.Value)).Prepend(element),
        _ => [],
    };

    [GeneratedRegex("^  ([a-z]+) ", RegexOptions.Multiline)]
    private static partial Regex Command();

    [GeneratedRegex("^  (?:-., )*(--[a-z-]+)", RegexOptions.Multiline)]
    private static partial Regex Option();

    [GeneratedRegex("^  vmi (.+)$", RegexOptions.Multiline)]
    private static partial Regex Example();

    [GeneratedRegex(@"^ *\$ (?:\./)?vmi (.+)$", RegexOptions.Multiline)]
    private static partial Regex Typed();

    [GeneratedRegex("\"[^\"]*\"|\\S+")]
    private static partial Regex Word();

    [GeneratedRegex("^```json\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex JsonBlock();

    [GeneratedRegex("(?:^\\| `.*\n)+", RegexOptions.Multiline)]
    private static partial Regex Table();
}
