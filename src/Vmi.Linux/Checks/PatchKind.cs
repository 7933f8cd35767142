namespace Vmi.Linux;

/// <summary>What the kernel may write where it patches its code.</summary>
internal enum PatchKind
{
    /// <summary>What it is, is not checked.</summary>
    Any,

    /// <summary>At the start of a function: nothing, or a call of a tracer.</summary>
    FunctionStart,

    /// <summary>Nothing, or a jump to the target.</summary>
    Jump,
}
