namespace Vmi.Cli.Text;

/// <summary>The error output: one line a message.</summary>
internal static class ErrorOutput
{
    /// <summary>Writes `vmi: ` and the message on one line; what it quotes of a guest or a file does no harm to a terminal.</summary>
    public static void Write(string message) => Console.Error.Write($"vmi: {SafeText.Escape(message)}\n");
}
