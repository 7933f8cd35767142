using System.Diagnostics;

namespace Vmi.Xen.Lab;

/// <summary>Runs checks, and counts those that pass and those that do not.</summary>
internal sealed class Checks
{
    private int _passed;
    private int _failed;

    /// <summary>Runs one; it fails if it throws.</summary>
    public void Check(string name, Action check)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            check();
            _passed++;
            Console.WriteLine($"ok {name} ({Stopwatch.GetElapsedTime(start).TotalSeconds:0.00} s)");
        }
        catch (Exception exception)
        {
            _failed++;
            Console.WriteLine($"FAIL {name}: {exception.GetType().Name}: {exception.Message}");
            if (exception is not (CheckException or VmiException))
                Console.WriteLine(exception.StackTrace);
        }
    }

    /// <summary>Says how many; the program's exit code.</summary>
    public int Report()
    {
        Console.WriteLine($"{_passed} passed, {_failed} failed");
        return _failed == 0 ? 0 : 1;
    }
}
