using System.Diagnostics.CodeAnalysis;

namespace Vmi.Hooks;

/// <summary>How memory of a VM is watched: by what its driver offers.</summary>
internal interface IWatchpointMechanism
{
    /// <summary>Begins to watch.</summary>
    /// <exception cref="VmiNotSupportedException">It can't be watched.</exception>
    void Insert(Watchpoint watchpoint);

    /// <summary>Whether an event says that a touch has taken place: of what, and whether it was read or written.</summary>
    bool TryGetTouch(VmiEvent vmiEvent, [NotNullWhen(true)] out Watchpoint? watchpoint, out MemoryAccess access);

    /// <summary>The answer to an event, touch or not, with which all goes on.</summary>
    VmiEventResponse Resume(VmiEvent vmiEvent);

    /// <summary>Watches nothing any more.</summary>
    void Leave();
}
