using System.Diagnostics;
using System.Globalization;

namespace Vmi.Guests;

/// <summary>
/// A running guest's own directory. Its path is short, for the address of a Unix socket has 107 bytes; it bears the process id, so
/// that the next process finds what a killed one has left.
/// </summary>
internal static class GuestDirectory
{
    private const string Prefix = "vmi-guest-";

    /// <summary>Makes a new one, and removes those whose process is gone.</summary>
    public static string Create()
    {
        Sweep();
        return Directory.CreateTempSubdirectory(string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Environment.ProcessId}-")).FullName;
    }

    /// <summary>Removes one with everything in it; one that is gone already is no error.</summary>
    public static void Remove(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
        }
    }

    private static void Sweep()
    {
        foreach (string path in Directory.EnumerateDirectories(Path.GetTempPath(), Prefix + "*"))
        {
            string owner = Path.GetFileName(path)[Prefix.Length..].Split('-')[0];
            if (!Directory.Exists("/proc/" + owner))
                TryRemove(path);
        }
    }

    private static void TryRemove(string path)
    {
        try
        {
            Remove(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Another user's, or another process sweeps too.
            Debug.WriteLine(exception.Message);
        }
    }
}
