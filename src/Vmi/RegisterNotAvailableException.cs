namespace Vmi;

/// <summary>A register was asked for that the source does not carry. It is reported as lacking, never invented.</summary>
/// <param name="register">The register, or the group of registers.</param>
/// <param name="source">What lacks it.</param>
public sealed class RegisterNotAvailableException(string register, string source) : VmiException($"{source} does not carry {register}.")
{
    /// <summary>The register, or the group of registers.</summary>
    public string Register { get; } = register;
}
