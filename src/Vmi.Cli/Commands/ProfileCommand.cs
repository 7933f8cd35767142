namespace Vmi.Cli.Commands;

/// <summary>`profile`: what is known of a kernel, as a file.</summary>
internal sealed class ProfileCommand : VmiCommand
{
    public ProfileCommand()
        : base(
            "profile",
            "Keeps the types and symbols of a kernel in a file, which makes later commands quicker.",
            "vmi profile save memory.elf debian.profile") =>
        Add(new ProfileSaveCommand());
}
