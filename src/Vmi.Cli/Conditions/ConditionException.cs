namespace Vmi.Cli.Conditions;

/// <summary>A condition that does not parse.</summary>
/// <param name="message">What is wrong.</param>
/// <param name="position">Where, in characters from the start.</param>
internal sealed class ConditionException(string message, int position) : Exception(message)
{
    /// <summary>Where, in characters from the start.</summary>
    public int Position { get; } = position;
}
