using Vmi.Linux;

namespace Vmi.Cli.Events;

/// <summary>Who ran on the vCPU of an event; nulls if the vCPU does not tell.</summary>
/// <param name="Pid">The process.</param>
/// <param name="Tid">The thread.</param>
/// <param name="Name">Its name.</param>
internal readonly record struct EventThread(uint? Pid, uint? Tid, string? Name)
{
    /// <summary>Who runs on the vCPU.</summary>
    public static EventThread Of(VmiContext<LinuxOs> vmi)
    {
        try
        {
            var thread = vmi.Os.CurrentThread();
            return new EventThread(thread.ProcessId.Value, thread.Id.Value, thread.Name);
        }
        catch (Exception exception) when (exception is VmiNotSupportedException or TranslationFaultException)
        {
            // Within the few instructions in which the kernel is entered or a CPU is brought up.
            return default;
        }
    }
}
