namespace Vmi;

/// <summary>The base of all errors of introspection. The message is one line that says what is wrong and, where it can, what to do.</summary>
public class VmiException : Exception
{
    /// <summary>An error with its message.</summary>
    public VmiException(string message) : base(message)
    {
    }

    /// <summary>An error with its message and what caused it.</summary>
    public VmiException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
