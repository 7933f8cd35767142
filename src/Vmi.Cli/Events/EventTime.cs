using System.Globalization;

namespace Vmi.Cli.Events;

/// <summary>When an event was shown, by the clock of this machine.</summary>
internal static class EventTime
{
    /// <summary>For a table: the time of the day.</summary>
    public static string Text(DateTimeOffset time) => time.ToLocalTime().ToString("HH:mm:ss.ffffff", CultureInfo.InvariantCulture);

    /// <summary>For JSON: ISO 8601, UTC.</summary>
    public static string Json(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
