namespace Vmi.Linux;

/// <summary>Why a result is not complete: the first reason in words, the others counted.</summary>
internal sealed class Shortfall
{
    private string? _first;
    private int _others;

    public void Add(string? reason)
    {
        if (reason is null)
            return;
        if (_first is null)
            _first = reason;
        else
            _others++;
    }

    /// <summary>Null if nothing is missing.</summary>
    public override string? ToString() => _others == 0 ? _first : $"{_first} (and {_others} more)";
}
