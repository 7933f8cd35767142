using System.Globalization;

namespace Vmi.Guests;

/// <summary>A program that the puppet has started: a process of its own, which runs when it is told to and says what it did.</summary>
public sealed class PuppetProgram : IDisposable
{
    private readonly GuestControl _control;
    private readonly Dictionary<string, string> _values;
    private bool _disposed;

    internal PuppetProgram(GuestControl control, string answer)
    {
        _control = control;
        _values = ValuesOf(answer);
        Pid = int.Parse(answer.Split(' ')[1], CultureInfo.InvariantCulture);
    }

    /// <summary>Its process id, which is also the thread id of its leader.</summary>
    public int Pid { get; }

    /// <summary>The thread ids of a program that has several and says so, else its process id only.</summary>
    public IReadOnlyList<int> Tids
        => _values.TryGetValue("tids", out string? tids)
            ? [.. tids.Split(',').Select(tid => int.Parse(tid, CultureInfo.InvariantCulture))]
            : [Pid];

    /// <summary>What it said of itself when it started, such as <c>folder</c>.</summary>
    /// <exception cref="KeyNotFoundException">It said no such thing.</exception>
    public string this[string key] => _values[key];

    /// <summary>A virtual address that it named, such as <c>tick</c>.</summary>
    public ulong Address(string key) => Addresses(key).Single();

    /// <summary>The virtual addresses that it named, such as <c>counters</c>, in their order.</summary>
    public IReadOnlyList<ulong> Addresses(string key)
        => [.. this[key].Split(',').Select(text => ulong.Parse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture))];

    /// <summary>Lets it run, and gives its answer when it is done.</summary>
    /// <param name="arguments">What this run is told, or "".</param>
    /// <param name="timeout">How long it may take; a minute if null.</param>
    /// <exception cref="GuestException">It says that something failed, or it ended: the message has the signal.</exception>
    public string Go(string arguments = "", TimeSpan? timeout = null)
    {
        BeginGo(arguments);
        return EndGo(timeout);
    }

    /// <summary>Lets it run without waiting. Other programs, and other commands, have to wait until <see cref="EndGo"/>.</summary>
    public void BeginGo(string arguments = "") => _control.Begin(Command("go", arguments));

    /// <summary>Waits until what <see cref="BeginGo"/> began is done.</summary>
    public string EndGo(TimeSpan? timeout = null) => _control.End(timeout);

    /// <summary>Lets it run beside other programs; <see cref="Wait"/> has its answer.</summary>
    public void Run(string arguments = "") => _control.Send(Command("run", arguments));

    /// <summary>Waits until what <see cref="Run"/> began is done, and gives its answer.</summary>
    public string Wait(TimeSpan? timeout = null) => _control.Send(Command("wait"), timeout);

    /// <summary>Has it end in order, and gives its last answer.</summary>
    public string Stop()
    {
        _disposed = true;
        return _control.Send(Command("stop"));
    }

    /// <summary>The values of an answer, whose form is <c>ok … key=value key=value</c>.</summary>
    public static Dictionary<string, string> ValuesOf(string answer)
        => answer.Split(' ').Select(word => word.Split('=', 2)).Where(pair => pair.Length == 2)
            .ToDictionary(pair => pair[0], pair => pair[1]);

    /// <summary>Ends it, whatever it does. A guest that is gone, or stopped, is no error.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        try
        {
            _control.Send(Command("kill"), TimeSpan.FromSeconds(10));
        }
        catch (Exception exception) when (exception is GuestException or InvalidOperationException)
        {
            // The test that failed before has said more.
            System.Diagnostics.Debug.WriteLine(exception.Message);
        }
    }

    private string Command(string verb, string arguments = "")
        => string.Create(CultureInfo.InvariantCulture, $"{verb} {Pid} {arguments}").TrimEnd();
}
