namespace Vmi;

/// <summary>The contexts of a handler loop, one a vCPU, made once and used again.</summary>
internal sealed class ContextTable<TOs>(VmiSession<TOs> session)
    where TOs : VmiOs
{
    private VmiContext<TOs>?[] _contexts = new VmiContext<TOs>?[4];

    public VmiContext<TOs> For(VmiEvent vmiEvent)
    {
        var index = vmiEvent.Vcpu.Value;
        if (index >= _contexts.Length)
            Array.Resize(ref _contexts, index + 1);
        ref var context = ref _contexts[index];
        if (context is null)
            context = new VmiContext<TOs>(session, vmiEvent);
        else
            context.Renew(vmiEvent);
        return context;
    }
}
