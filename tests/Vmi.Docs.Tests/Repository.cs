namespace Vmi.Docs.Tests;

/// <summary>Where the repository's own files are.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Vmi.slnx")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Vmi.slnx is in no folder above the tests.");
        return folder;
    }
}
