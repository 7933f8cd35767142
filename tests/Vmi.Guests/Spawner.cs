using System.Collections.Concurrent;
using System.Diagnostics;

namespace Vmi.Guests;

/// <summary>
/// Starts children that the kernel kills when this process dies, however it dies. The kernel goes by the thread that started the
/// child, not by its process; pool threads end when they are idle, so one thread that never ends starts all children.
/// </summary>
internal static class Spawner
{
    private static readonly BlockingCollection<Action> Orders = [];

    static Spawner() => new Thread(Work) { IsBackground = true, Name = "spawner" }.Start();

    /// <summary>Starts a program that dies with this process.</summary>
    public static Process Start(string program, IEnumerable<string> arguments)
    {
        var started = new TaskCompletionSource<Process>();
        Orders.Add(() =>
        {
            try
            {
                var start = new ProcessStartInfo("setpriv", ["--pdeathsig", "KILL", program, .. arguments])
                {
                    RedirectStandardInput = true,
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                };
                started.SetResult(Process.Start(start)!);
            }
            catch (Exception exception)
            {
                started.SetException(exception);
            }
        });
        return started.Task.GetAwaiter().GetResult();
    }

    private static void Work()
    {
        foreach (Action order in Orders.GetConsumingEnumerable())
            order();
    }
}
