namespace Vmi.Symbols;

/// <summary>A kernel's profile lacks what was asked for: a structure, a field, a symbol. The message names it.</summary>
/// <param name="message">One line.</param>
public sealed class ProfileException(string message) : VmiException(message);
