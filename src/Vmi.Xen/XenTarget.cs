using System.Globalization;

namespace Vmi.Xen;

/// <summary>Which domain: its number, or its name.</summary>
public sealed class XenTarget
{
    private XenTarget(uint? id, string text) => (Id, Text) = (id, text);

    /// <summary>The number; null if a name is given.</summary>
    public uint? Id { get; }

    /// <summary>The number or the name.</summary>
    public string Text { get; }

    /// <summary>Reads a number ("7") or a name ("debian").</summary>
    /// <exception cref="VmiDriverException">It is empty.</exception>
    public static XenTarget Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length == 0)
            throw new VmiDriverException("Give the number or the name of a domain: xen:7, xen:debian.");
        return new XenTarget(
            uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null, text);
    }

    /// <summary>As it was given.</summary>
    public override string ToString() => Text;

    /// <summary>The number of the domain that runs under the name now.</summary>
    /// <exception cref="VmiDriverException">There is none, or no Xen here.</exception>
    internal uint Resolve()
    {
        if (Id is { } id)
            return id;
        foreach (var each in XenDomainList.Read())
        {
            if (each.Name == Text)
                return each.Id;
        }

        throw new VmiDriverException($"There is no Xen domain named {Text}.");
    }
}
