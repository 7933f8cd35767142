namespace Vmi.Linux;

/// <summary>Where a kernel module is in its life. Corresponds to `enum module_state`.</summary>
public enum LinuxModuleState
{
    /// <summary>In use: `Live` in /proc/modules.</summary>
    Live,

    /// <summary>Being initialised: `Loading`.</summary>
    Coming,

    /// <summary>Being removed: `Unloading`.</summary>
    Going,

    /// <summary>Not set up yet; /proc/modules leaves it out.</summary>
    Unformed,
}
