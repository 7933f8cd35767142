namespace Vmi.Cli.Text;

/// <summary>A column of a table.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="IsNumber">Whether its cells stand at the right.</param>
internal readonly record struct Column(string Title, bool IsNumber = false)
{
    /// <summary>A column of text.</summary>
    public static implicit operator Column(string title) => new(title);

    /// <summary>A column of numbers.</summary>
    public static Column Number(string title) => new(title, true);
}
