using System.CommandLine;
using System.Globalization;
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
            "Saves the types and symbols of a guest's kernel. With --profile FILE, commands on guests with the same kernel are quicker.",
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
            context.Output.Line(string.Create(
                CultureInfo.InvariantCulture, $"{file}: {document.Symbols} symbols and {document.Types} types of {document.Banner}"));
    }
}
