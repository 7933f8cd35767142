using System.Diagnostics.CodeAnalysis;

namespace Vmi;

/// <summary>Answers events until it has a result.</summary>
/// <typeparam name="TOs">The operating system.</typeparam>
/// <typeparam name="TResult">The result.</typeparam>
public abstract class VmiHandler<TOs, TResult> : VmiHandler<TOs>
    where TOs : VmiOs
{
    /// <summary>Whether it is done; asked before the first event and after each one.</summary>
    public abstract bool Poll([MaybeNullWhen(false)] out TResult result);
}
