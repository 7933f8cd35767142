using System.Globalization;
using System.Text;

namespace Vmi.Symbols;

/// <summary>Writes a layout in C's form.</summary>
internal static class LayoutText
{
    public static string Of(TypeLayout layout)
    {
        var text = new StringBuilder();
        var size = layout.Size is { } bytes ? string.Create(CultureInfo.InvariantCulture, $"    /* size: {bytes} */") : "";
        var head = layout.Target is null ? layout.Name : $"typedef {layout.Target}";
        var tail = layout.Target is null ? ";" : $" {layout.Name};";
        if (layout.Members.Count == 0 && layout.Enumerators.Count == 0)
            return $"{head}{tail}{size}";

        // A typedef of a structure without a name shows the members in the place of the name's "{...}".
        text.Append(head.EndsWith("{...}", StringComparison.Ordinal) ? head[..^5].TrimEnd() : head).Append(" {").Append(size).Append('\n');
        AppendMembers(text, layout.Members, 1);
        foreach (var enumerator in layout.Enumerators)
            text.Append(CultureInfo.InvariantCulture, $"    {enumerator.Name} = {enumerator.Value},\n");
        return text.Append('}').Append(tail).ToString();
    }

    private static void AppendMembers(StringBuilder text, IReadOnlyList<TypeMember> members, int depth)
    {
        var indent = new string(' ', depth * 4);
        foreach (var member in members)
        {
            var place = member.BitCount is null
                ? string.Create(CultureInfo.InvariantCulture, $"/* {member.Offset,5}     {member.Size,5} */")
                : string.Create(CultureInfo.InvariantCulture, $"/* {member.Offset,5}:{member.BitOffset,-3} {member.Size,5} */");
            var split = member.Declaration.IndexOf("{...}", StringComparison.Ordinal);
            if (member.Members.Count == 0 || split < 0)
            {
                text.Append(place).Append(indent).Append(member.Declaration).Append(";\n");
                continue;
            }

            text.Append(place).Append(indent).Append(member.Declaration.AsSpan(0, split)).Append("{\n");
            AppendMembers(text, member.Members, depth + 1);
            text.Append(' ', place.Length).Append(indent).Append('}').Append(member.Declaration.AsSpan(split + 5)).Append(";\n");
        }
    }
}
