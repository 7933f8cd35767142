using System.Collections;

namespace Vmi;

/// <summary>A list that says whether it is complete.</summary>
/// <typeparam name="T">What is listed.</typeparam>
/// <param name="items">What was found.</param>
/// <param name="incomplete">Why that is not all; null if it is.</param>
public sealed class VmiList<T>(IReadOnlyList<T> items, string? incomplete = null) : IVmiList<T>
{
    /// <inheritdoc/>
    public string? Incomplete { get; } = incomplete;

    /// <inheritdoc/>
    public int Count => items.Count;

    /// <inheritdoc/>
    public T this[int index] => items[index];

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator() => items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
