using Vmi.Amd64;

namespace Vmi.Hooks;

/// <summary>Breakpoints in shadow frames, where a driver has views and none of its own.</summary>
/// <param name="frames">The shadow frames.</param>
/// <param name="translate">Where an address lies in physical memory; throws if it is not mapped.</param>
internal sealed class ShadowMechanism(ShadowFrames frames, Func<AddressContext, Pa> translate) : IBreakpointMechanism
{
    private readonly Dictionary<AddressContext, Pa> _places = [];

    public void Insert(AddressContext address)
    {
        var place = translate(address);
        frames.Insert(place);
        _places.Add(address, place);
    }

    public void Remove(AddressContext address)
    {
        if (!_places.TryGetValue(address, out var place))
            return;
        try
        {
            frames.Remove(place);
        }
        catch (VmiViewNotFoundException)
        {
            // The driver has taken its views back, and with them all that was in them.
        }

        _places.Remove(address);
    }

    public bool IsHit(VmiEvent vmiEvent, AddressContext address) =>
        vmiEvent.Reason is Amd64EventReason.Interrupt { Gfn: { } gfn } && _places.TryGetValue(address, out var place)
        && place.Gfn == gfn && frames.Contains(vmiEvent.View, place);

    public VmiEventResponse StepOver(VmiEvent vmiEvent) => VmiEventResponse.FastSinglestep(frames.DefaultView);

    public VmiEventResponse PassOver(VmiEvent vmiEvent) =>
        vmiEvent.Reason is Amd64EventReason.MemoryAccess { Pa: var touched } && frames.Stopped(vmiEvent.View, touched)
            ? VmiEventResponse.FastSinglestep(frames.DefaultView)
            : VmiEventResponse.Continue;

    public void Leave()
    {
        try
        {
            frames.Leave();
        }
        catch (VmiViewNotFoundException)
        {
            // As above.
        }
    }
}
