namespace Vmi;

/// <summary>A file or a structure in memory is not what it claims to be: truncated, corrupt, of another architecture.</summary>
public sealed class VmiFormatException : VmiException
{
    /// <summary>An error with its message.</summary>
    public VmiFormatException(string message) : base(message)
    {
    }

    /// <summary>An error with its message and what caused it.</summary>
    public VmiFormatException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
