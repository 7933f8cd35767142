namespace Vmi.Cli.Completion;

/// <summary>What may stand next on a command line.</summary>
/// <param name="Word">The whole word.</param>
/// <param name="Description">What it means; null if nothing is to be said.</param>
internal readonly record struct Suggestion(string Word, string? Description)
{
    /// <summary>Stands for the names of files, which the shell knows best.</summary>
    public static Suggestion Files { get; } = new(":files", null);
}
