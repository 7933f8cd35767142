namespace Vmi;

/// <summary>The kind of code in an image or a process.</summary>
public enum VmiImageArchitecture : byte
{
    /// <summary>32-bit x86 code.</summary>
    X86,

    /// <summary>64-bit x86 code.</summary>
    Amd64,
}
