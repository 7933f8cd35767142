namespace Vmi.Amd64;

/// <summary>A register that refers to a descriptor table or the task-state segment.</summary>
public enum DescriptorTableKind : byte
{
    /// <summary>GDTR.</summary>
    Gdtr,

    /// <summary>IDTR.</summary>
    Idtr,

    /// <summary>LDTR.</summary>
    Ldtr,

    /// <summary>TR.</summary>
    Tr,
}
