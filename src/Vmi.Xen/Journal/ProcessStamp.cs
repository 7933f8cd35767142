using System.Globalization;

namespace Vmi.Xen;

/// <summary>A process, told apart from a later one of the same number.</summary>
/// <param name="Pid">Its number.</param>
/// <param name="StartTicks">When it began, as `/proc/PID/stat` has it.</param>
internal readonly record struct ProcessStamp(int Pid, ulong StartTicks)
{
    private const int StartField = 19;   // starttime, counted from the state, which follows the name

    /// <summary>This process.</summary>
    public static ProcessStamp Own { get; } = new(Environment.ProcessId, StartOf(Environment.ProcessId) ?? 0);

    /// <summary>Whether it runs.</summary>
    public bool IsAlive => StartOf(Pid) == StartTicks;

    private static ulong? StartOf(int pid)
    {
        try
        {
            var text = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
            // The name may hold anything, the end of its parentheses too.
            var fields = text[(text.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            // A zombie holds nothing any more.
            return fields.Length > StartField && fields[0] is not ("Z" or "X")
                ? ulong.Parse(fields[StartField], CultureInfo.InvariantCulture)
                : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
