namespace Vmi.Cli.Json;

/// <summary>The kernel in `info`.</summary>
internal sealed record KernelJson(
    string Banner,
    string? Release,
    string? BuildId,
    string ImageBase,
    string ImageEnd,
    string ImagePhysicalBase,
    string TranslationRoot,
    int PagingLevels,
    bool PageTableIsolation,
    string FoundBy,
    IReadOnlyList<string> Evidence,
    string? CommandLine,
    string? HostName,
    string? BootTime,
    decimal? Uptime);
