using System.CommandLine;
using Vmi.Cli.Json;
using Vmi.Cli.Text;

namespace Vmi.Cli.Commands;

/// <summary>`profile save`: writes the profile of the kernel found.</summary>
internal sealed class ProfileSaveCommand : TargetCommand
{
    private readonly Argument<string> _file = new("FILE") { Description = "The file to write; one that is there is replaced." };

    public ProfileSaveCommand()
        : base(
            "save",
            "Saves the types and symbols found in a guest. Given again with --profile, they need not be found for the same kernel.",
            "vmi profile save memory.elf debian.profile",
            "vmi ps other.elf --profile debian.profile") =>
        Add(_file);

    protected override void Run(CommandContext context)
    {
        var profile = context.Linux.Kernel.Profile;
        var file = context.Value(_file)!;
        profile.Save(file);
        var document = new ProfileJson(file, profile.Kernel.Banner, profile.Kernel.BuildId, profile.Symbols.Count, profile.Types.Count);
        if (context.IsJson)
            context.Output.Json(document, CliJson.Default.ProfileJson);
        else
            context.Output.Line(
                $"{file}: {NumberText.Decimal(document.Symbols)} symbols and {NumberText.Decimal(document.Types)} types of {document.Banner}");
    }
}
