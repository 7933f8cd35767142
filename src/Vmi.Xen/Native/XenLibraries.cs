using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Vmi.Xen;

/// <summary>
/// Finds Xen's libraries. That of the control interface has the version of its hypervisor in its name, and only it can talk to that
/// one: the running hypervisor's comes first, then the newest that there is.
/// </summary>
internal static class XenLibraries
{
    public const string Control = "xenctrl";
    public const string ForeignMemory = "xenforeignmemory";
    public const string EventChannel = "xenevtchn";
    public const string DeviceModel = "xendevicemodel";
    public const string Store = "xenstore";

    private const string RunningVersion = "/sys/hypervisor/version";
    private const int OldestMinor = 17;
    private const int NewestMinor = 40;

    private static readonly Lock Loading = new();
    private static readonly Dictionary<string, nint> Loaded = [];

    static XenLibraries() => NativeLibrary.SetDllImportResolver(typeof(XenLibraries).Assembly, Resolve);

    /// <summary>Loads what every use of Xen needs.</summary>
    /// <exception cref="VmiDriverException">Xen's libraries are not installed.</exception>
    public static void Require()
    {
        foreach (var name in (ReadOnlySpan<string>)[Control, ForeignMemory, EventChannel, DeviceModel, Store])
        {
            if (Find(name) == 0)
            {
                throw new VmiDriverException(
                    $"Xen is not installed here: lib{name} of Xen 4.{OldestMinor} or newer is missing (Debian: xen-utils).");
            }
        }
    }

    /// <summary>The names that a library may have, the best first.</summary>
    /// <param name="name">The library.</param>
    /// <param name="running">"4.17" of the running hypervisor; null if it is not known.</param>
    internal static IEnumerable<string> Candidates(string name, string? running)
    {
        switch (name)
        {
            case Control:
                if (running is not null)
                    yield return $"lib{name}.so.{running}";
                for (var minor = NewestMinor; minor >= OldestMinor; minor--)
                    yield return string.Create(CultureInfo.InvariantCulture, $"lib{name}.so.4.{minor}");
                break;
            case Store:
                yield return $"lib{name}.so.4";
                break;
            default:
                yield return $"lib{name}.so.1";
                break;
        }
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) =>
        name is Control or ForeignMemory or EventChannel or DeviceModel or Store ? Find(name) : 0;

    private static nint Find(string name)
    {
        lock (Loading)
        {
            if (Loaded.TryGetValue(name, out var known))
                return known;
            foreach (var candidate in Candidates(name, Running()))
            {
                if (NativeLibrary.TryLoad(candidate, out var library))
                    return Loaded[name] = library;
            }

            return 0;
        }
    }

    private static string? Running()
    {
        try
        {
            return File.ReadAllText($"{RunningVersion}/major").Trim() + "." + File.ReadAllText($"{RunningVersion}/minor").Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
