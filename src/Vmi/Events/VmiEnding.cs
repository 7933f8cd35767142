namespace Vmi;

/// <summary>What ended a handler loop. Errors are thrown instead.</summary>
public enum VmiEnding : byte
{
    /// <summary>The handler had a result.</summary>
    Result,

    /// <summary>It was cancelled.</summary>
    Cancelled,
}
