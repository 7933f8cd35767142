namespace Vmi.Linux;

/// <summary>What a check collects.</summary>
internal sealed class CheckResult
{
    private readonly List<LinuxFinding> _findings = [];
    private readonly List<string> _notChecked = [];
    private bool _wasRun = true;

    /// <summary>What was not there to be compared.</summary>
    public Shortfall Missing { get; } = new();

    public void Found(Va address, string description) => _findings.Add(new LinuxFinding(address, description));

    public void NotChecked(string reason) => _notChecked.Add(reason);

    /// <summary>Nothing was compared at all.</summary>
    public void NotRun(string reason)
    {
        _wasRun = false;
        NotChecked(reason);
    }

    public LinuxCheck ToCheck(LinuxCheckKind kind) => new()
    {
        Kind = kind,
        Findings = _findings,
        NotChecked = _notChecked,
        WasRun = _wasRun,
        Incomplete = Missing.ToString(),
    };
}
