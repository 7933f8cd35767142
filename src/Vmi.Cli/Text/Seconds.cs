using System.Globalization;

namespace Vmi.Cli.Text;

/// <summary>Times since the boot, in seconds with all their nanoseconds.</summary>
internal static class Seconds
{
    public static decimal Of(ulong nanoseconds) => nanoseconds / 1_000_000_000m;

    public static string Text(decimal seconds) => seconds.ToString("0.00", CultureInfo.InvariantCulture);
}
