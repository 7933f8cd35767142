using System.Diagnostics;

namespace Vmi.Xen;

/// <summary>
/// Takes events out of the ring, hands them to a callback, and puts the answers in. Whatever happens meanwhile, each event that was
/// taken gets an answer, so that no vCPU waits for ever.
/// </summary>
/// <param name="ring">The ring.</param>
/// <param name="channel">Its bell.</param>
/// <param name="target">The domain.</param>
internal sealed class EventDelivery(EventRing ring, IEventChannel channel, IEventTarget target)
{
    private readonly EventAnswers _answers = new(target);
    private readonly Dictionary<uint, EventVcpu> _vcpus = [];
    private long _ticks;

    /// <summary>Events that wait in the ring.</summary>
    public int Pending => ring.Pending;

    /// <summary>The time spent here, without the callbacks.</summary>
    public TimeSpan Overhead => Stopwatch.GetElapsedTime(0, Interlocked.Read(ref _ticks));

    /// <summary>The vCPUs that have raised events.</summary>
    public IEnumerable<uint> Vcpus => _vcpus.Keys;

    /// <summary>Delivers all that is in the ring.</summary>
    /// <returns>False if nothing that was asked for had happened.</returns>
    public bool Deliver(VmiEventCallback callback)
    {
        var any = false;
        var start = Stopwatch.GetTimestamp();
        while (ring.TryTake(out var request))
        {
            any |= Deliver(request, callback, ref start);
            _ticks += Stopwatch.GetTimestamp() - start;
            start = Stopwatch.GetTimestamp();
        }

        return any;
    }

    /// <summary>Waits until an event may have happened.</summary>
    public void Wait(int milliseconds)
    {
        if (ring.Pending == 0)
            channel.Wait(milliseconds);
    }

    private bool Deliver(in VmEvent request, VmiEventCallback callback, ref long start)
    {
        var answer = EventAnswers.Plain(request);
        try
        {
            var vcpu = Vcpu(request.VcpuId);
            // One that steps without our having asked for it: it was left so by another.
            vcpu.Steps |= request.Kind == VmEventKind.Singlestep;
            EventAnswers.EndStep(request, ref answer, vcpu, another: false);
            if (request.Kind == VmEventKind.EmulationUnimplemented)
            {
                answer = _answers.CarryOut(request, vcpu);
                return false;
            }

            if (request.Kind == VmEventKind.Singlestep && vcpu.Lifted is { } lifted)
            {
                vcpu.Lifted = null;
                target.EndLift(lifted.Gfn, lifted.Access);
                return false;
            }

            if (!target.IsWanted(request.Kind) || EventReasons.Of(request) is not { } reason)
                return false;
            // Whether it is the last step is decided by the handler's answer.
            vcpu.Steps |= request.Kind == VmEventKind.Singlestep;
            var delivered = vcpu.Renew(request, reason);
            _ticks += Stopwatch.GetTimestamp() - start;
            VmiEventResponse response;
            try
            {
                response = callback(delivered);
            }
            finally
            {
                start = Stopwatch.GetTimestamp();
            }

            answer = _answers.Of(request, vcpu, response);
            return true;
        }
        catch when (request.Kind == VmEventKind.Singlestep)
        {
            Vcpu(request.VcpuId).Steps = false;
            throw;
        }
        finally
        {
            ring.Answer(answer);
            channel.Notify();
        }
    }

    private EventVcpu Vcpu(uint id)
    {
        if (!_vcpus.TryGetValue(id, out var vcpu))
            _vcpus.Add(id, vcpu = new EventVcpu(target, id));
        return vcpu;
    }
}
