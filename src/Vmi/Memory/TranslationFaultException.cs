namespace Vmi;

/// <summary>An address can't be read because nothing is mapped there, or the source does not have that memory.</summary>
/// <param name="fault">Where the walk ended and why.</param>
public sealed class TranslationFaultException(TranslationFault fault) : VmiException(fault.ToString())
{
    /// <summary>Where the walk ended and why.</summary>
    public TranslationFault Fault { get; } = fault;
}
