using System.Runtime.ExceptionServices;

namespace Vmi.Xen;

/// <summary>Steps of which none may be left out.</summary>
internal static class Failures
{
    /// <summary>Does each, also after one has failed; then throws what the first that failed threw.</summary>
    public static void RunAll(params ReadOnlySpan<Action> steps)
    {
        ExceptionDispatchInfo? first = null;
        foreach (var step in steps)
        {
            try
            {
                step();
            }
            catch (VmiException exception)
            {
                first ??= ExceptionDispatchInfo.Capture(exception);
            }
        }

        first?.Throw();
    }
}
