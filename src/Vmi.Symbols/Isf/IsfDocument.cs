namespace Vmi.Symbols;

/// <summary>What a file in the Intermediate Symbol Format holds, by name.</summary>
internal sealed class IsfDocument
{
    /// <summary>`base_types`: size, whether it is signed, and `int`, `char`, `bool`, `float` or `void`.</summary>
    public Dictionary<string, (uint Size, bool IsSigned, string Kind)> BaseTypes { get; } = [];

    /// <summary>`user_types`: structures and unions.</summary>
    public Dictionary<string, (bool IsUnion, uint Size, List<IsfField> Fields)> UserTypes { get; } = [];

    /// <summary>`enums`.</summary>
    public Dictionary<string, (uint Size, List<(string Name, long Value)> Constants)> Enums { get; } = [];

    /// <summary>`symbols`: addresses as the kernel is linked.</summary>
    public Dictionary<string, ulong> Symbols { get; } = [];

    /// <summary>The systems that `metadata` names: `linux`, `windows`, `mac`.</summary>
    public List<string> Systems { get; } = [];

    /// <summary>`linux_banner`'s `constant_data` as text; empty if it has none.</summary>
    public string Banner { get; set; } = "";
}
