namespace Vmi;

/// <summary>The result of a walk over a guest's structure: what was found, and whether that is all.</summary>
/// <typeparam name="T">What is listed.</typeparam>
public interface IVmiList<out T> : IReadOnlyList<T>
{
    /// <summary>Why the walk stopped before its end (memory that is not there, a cycle, a bound); null if the list is complete.</summary>
    string? Incomplete { get; }
}
