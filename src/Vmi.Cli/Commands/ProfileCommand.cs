namespace Vmi.Cli.Commands;

/// <summary>`profile`: what is known of a kernel, as a file.</summary>
internal sealed class ProfileCommand : VmiCommand
{
    public ProfileCommand()
        : base("profile", "Keeps what was found of a kernel, its types and symbols, in a file.", "vmi profile save memory.elf debian.profile") =>
        Add(new ProfileSaveCommand());
}
