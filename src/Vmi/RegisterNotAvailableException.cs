namespace Vmi;

/// <summary>A register was read or written that the source does not have. It is never taken for zero.</summary>
/// <param name="register">The register.</param>
/// <param name="why">Why it is not there: the end of a sentence that begins with "it".</param>
public sealed class RegisterNotAvailableException(string register, string why)
    : VmiException($"The register {register} is not available: {why}.")
{
    /// <summary>The register.</summary>
    public string Register { get; } = register;
}
