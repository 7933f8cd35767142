namespace Vmi;

/// <summary>The source failed: the VM is gone, the connection closed, the file can't be read, a right is missing.</summary>
public sealed class VmiDriverException : VmiException
{
    /// <summary>An error with its message.</summary>
    public VmiDriverException(string message) : base(message)
    {
    }

    /// <summary>An error with its message and what caused it.</summary>
    public VmiDriverException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
