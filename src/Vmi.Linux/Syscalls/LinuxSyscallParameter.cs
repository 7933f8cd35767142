namespace Vmi.Linux;

/// <summary>A parameter of a system call, as the kernel's source declares it.</summary>
public sealed class LinuxSyscallParameter
{
    internal LinuxSyscallParameter(string name, string type, ValueDecoder decoder)
    {
        Name = name;
        Type = type;
        Decoder = decoder;
    }

    /// <summary>The name: `filename`.</summary>
    public string Name { get; }

    /// <summary>The C type: `const char *`.</summary>
    public string Type { get; }

    /// <summary>What its values are.</summary>
    public SyscallValueKind Kind => Decoder.Kind;

    /// <summary>Whether it points to what the kernel writes, so that the value is there only after the call.</summary>
    public bool IsResult => Decoder.AtReturn;

    internal ValueDecoder Decoder { get; }

    /// <summary>As C declares it: `const char *filename`.</summary>
    public override string ToString() => Type.EndsWith('*') ? Type + Name : $"{Type} {Name}";
}
