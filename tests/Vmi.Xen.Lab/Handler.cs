using System.Diagnostics.CodeAnalysis;

namespace Vmi.Xen.Lab;

/// <summary>A handler whose answers are a function; the result is what the function sets.</summary>
internal sealed class Handler<TResult>(Func<VmiContext<NoOs>, Handler<TResult>, VmiEventResponse> answer) : VmiHandler<NoOs, TResult>
{
    private TResult? _result;
    private bool _done;

    public override VmiEventResponse HandleEvent(VmiContext<NoOs> vmi) => answer(vmi, this);

    /// <summary>Ends the loop after this event.</summary>
    public void Finish(TResult result) => (_result, _done) = (result, true);

    public override bool Poll([MaybeNullWhen(false)] out TResult result)
    {
        result = _result;
        return _done;
    }

    public override void HandleTimeout(VmiSession<NoOs> session) =>
        throw new CheckException($"no event within {Guest.Patience.TotalSeconds} s");
}
