namespace Vmi.Symbols;

/// <summary>The kinds of BTF types (`BTF_KIND_*` in the kernel's include/uapi/linux/btf.h).</summary>
public enum BtfKind : byte
{
    /// <summary>No type: `void`, type id 0.</summary>
    Void = 0,

    /// <summary>An integer, a character or a boolean.</summary>
    Int = 1,

    /// <summary>A pointer.</summary>
    Ptr = 2,

    /// <summary>An array.</summary>
    Array = 3,

    /// <summary>A structure.</summary>
    Struct = 4,

    /// <summary>A union.</summary>
    Union = 5,

    /// <summary>An enumeration of at most 32 bits.</summary>
    Enum = 6,

    /// <summary>A structure or union declared but not defined.</summary>
    Fwd = 7,

    /// <summary>A `typedef`.</summary>
    Typedef = 8,

    /// <summary>`volatile`.</summary>
    Volatile = 9,

    /// <summary>`const`.</summary>
    Const = 10,

    /// <summary>`restrict`.</summary>
    Restrict = 11,

    /// <summary>A function with its name.</summary>
    Func = 12,

    /// <summary>A function's result and parameters.</summary>
    FuncProto = 13,

    /// <summary>A variable.</summary>
    Var = 14,

    /// <summary>A section of variables.</summary>
    Datasec = 15,

    /// <summary>A floating-point number.</summary>
    Float = 16,

    /// <summary>An attribute of a declaration.</summary>
    DeclTag = 17,

    /// <summary>An attribute of a type, such as `__user`.</summary>
    TypeTag = 18,

    /// <summary>An enumeration of 64 bits.</summary>
    Enum64 = 19,
}
