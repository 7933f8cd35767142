using System.Globalization;
using Vmi.Amd64;
using Vmi.Cli.Json;
using Vmi.Cli.Text;
using Vmi.Linux;

namespace Vmi.Cli.Commands;

/// <summary>`info`: the machine, and the kernel found in it.</summary>
internal sealed class InfoCommand() : TargetCommand(
    "info",
    "Shows the machine and the kernel in it: memory, version, addresses, how it was found, when it was booted.",
    "vmi info memory.elf",
    "vmi info qemu:/run/vm/qmp.sock --json")
{
    protected override void Run(CommandContext context)
    {
        var core = context.Core;
        var linux = FindLinux(context);
        var kernel = linux is null ? null : context.Still(() => KernelOf(linux));
        var map = core.Driver is IVmiRead driver ? driver.MemoryMap : [];
        var vcpus = core.Info.Vcpus;
        var info = new InfoJson(
            context.Target.Name,
            core.Driver.Name,
            core.Driver.Architecture.Name,
            core.Driver.IsLive,
            vcpus == 0 ? null : vcpus,
            map.Aggregate(0UL, (bytes, range) => bytes + range.Length),
            [.. map.Select(range => new RangeJson(NumberText.Hex(range.Start), NumberText.Hex(range.End)))],
            kernel);
        if (context.IsJson)
            context.Output.Json(info, CliJson.Default.InfoJson);
        else
            Show(context.Output, info);
    }

    /// <summary>The machine is worth showing also where no kernel is found in it.</summary>
    private static LinuxOs? FindLinux(CommandContext context)
    {
        try
        {
            return context.Linux;
        }
        catch (VmiException exception) when (exception is not VmiDriverException)
        {
            context.Missing(exception.Message);
            return null;
        }
    }

    private static KernelJson KernelOf(LinuxOs linux)
    {
        var kernel = linux.Kernel;
        return new KernelJson(
            kernel.Banner,
            linux.KernelRelease,
            kernel.Profile.Kernel.BuildId,
            NumberText.Hex(kernel.ImageBase),
            NumberText.Hex(kernel.ImageEnd),
            NumberText.Hex(kernel.ImagePhysicalBase),
            NumberText.Hex(kernel.TranslationRoot),
            kernel.PagingMode.Levels == PagingLevels.Five ? 5 : 4,
            kernel.PageTableIsolation,
            kernel.FoundBy,
            kernel.Evidence,
            linux.KernelCommandLine,
            linux.HostName,
            linux.BootTime?.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture),
            linux.Uptime is { } uptime ? uptime.Ticks / (decimal)TimeSpan.TicksPerSecond : null);
    }

    private static void Show(Output output, InfoJson info)
    {
        Line("target", info.Target);
        Line("driver", info.Driver);
        Line("architecture", info.Architecture);
        Line("running", info.Live ? "yes, this is a live VM" : "no, this is a file");
        Line("vCPUs", info.Vcpus is { } vcpus ? NumberText.Decimal(vcpus) : "unknown");
        Line("memory", string.Create(CultureInfo.InvariantCulture, $"{info.MemoryBytes >> 20} MiB"));
        foreach (var range in info.MemoryMap)
            Line("", $"{range.Start}-{range.End}");
        if (info.Kernel is not { } kernel)
            return;
        Line("kernel", kernel.Banner);
        Line("found by", kernel.FoundBy);
        foreach (var fact in kernel.Evidence)
            Line("", fact);
        Line("image", $"{kernel.ImageBase}-{kernel.ImageEnd}, physical {kernel.ImagePhysicalBase}");
        Line("page tables", string.Create(CultureInfo.InvariantCulture, $"{kernel.TranslationRoot}, {kernel.PagingLevels} levels"));
        Line("isolation", kernel.PageTableIsolation ? "user mode has page tables of its own" : "none");
        Line("build id", kernel.BuildId ?? "none");
        Line("command line", kernel.CommandLine ?? "unknown");
        Line("host name", kernel.HostName ?? "unknown");
        Line("booted", kernel.BootTime ?? "unknown");
        Line("uptime", kernel.Uptime is { } uptime ? string.Create(CultureInfo.InvariantCulture, $"{uptime:0.00} s") : "unknown");

        void Line(string label, string text) => output.Line($"{label,-14}{text}");
    }
}
