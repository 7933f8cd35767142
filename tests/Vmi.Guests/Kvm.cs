namespace Vmi.Guests;

/// <summary>Says whether Linux guests can run under KVM here.</summary>
public static class Kvm
{
    private const string Device = "/dev/kvm";

    /// <summary>Whether they can; if not, why.</summary>
    public static bool IsUsable(out string why)
    {
        why = "";
        if (!File.Exists(Device))
            why = "there is no /dev/kvm.";
        else if (!CanOpen())
            why = "/dev/kvm is there but can't be opened: it takes root, or the group kvm.";
        else if (!Directory.Exists("/sys/module/kvm_intel") && !Directory.Exists("/sys/module/kvm_amd"))
            // Such as kvm_pvm in nested clouds: it emulates a foreign kernel instruction by instruction and never gets through its start.
            why = "/dev/kvm is not backed by the processor (neither kvm_intel nor kvm_amd is loaded), and runs no stock kernel.";
        return why.Length == 0;
    }

    private static bool CanOpen()
    {
        try
        {
            using FileStream device = new(Device, FileMode.Open, FileAccess.ReadWrite);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
