namespace Vmi;

/// <summary>How a handler loop ended.</summary>
/// <typeparam name="TResult">The handler's result.</typeparam>
public readonly record struct VmiOutcome<TResult>
{
    private readonly TResult? _result;

    internal VmiOutcome(bool hasResult, TResult? result, VmiEnding endedBy)
    {
        HasResult = hasResult;
        _result = result;
        EndedBy = endedBy;
    }

    /// <summary>Whether there is a result; also after a cancellation, if the handler had one by then.</summary>
    public bool HasResult { get; }

    /// <summary>The result.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public TResult Result => HasResult ? _result! : throw new InvalidOperationException($"There is no result: ended by {EndedBy}.");

    /// <summary>What ended it.</summary>
    public VmiEnding EndedBy { get; }
}
