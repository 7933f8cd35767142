using System.Text.Json;

namespace Vmi.Cli.Tests;

/// <summary>What a run of the command gave.</summary>
internal readonly record struct CommandResult(int ExitCode, string Output, string Error)
{
    /// <summary>The document of a run that gave all there is and had nothing to say.</summary>
    public JsonElement Json
    {
        get
        {
            Assert.Equal((0, ""), (ExitCode, Error));
            return JsonDocument.Parse(Output).RootElement;
        }
    }
}
