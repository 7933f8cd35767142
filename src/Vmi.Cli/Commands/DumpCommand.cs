using System.CommandLine;
using System.Globalization;
using Vmi.Cli.Json;
using Vmi.Cli.Text;
using Vmi.Dumps;
using Vmi.Linux;

namespace Vmi.Cli.Commands;

/// <summary>`dump`: all memory and the registers to a file.</summary>
internal sealed class DumpCommand : TargetCommand
{
    private readonly Argument<string> _file = new("FILE") { Description = "The file to write; one that is there is replaced." };

    public DumpCommand()
        : base(
            "dump",
            "Writes the memory and the registers of a VM, or of a memory file, to an ELF vmcore. A running VM is paused meanwhile.",
            "vmi dump qemu:name=debian debian.elf",
            "vmi dump memory.lime memory.elf") =>
        Add(_file);

    protected override TimeSpan TimeLimit => Timeout.InfiniteTimeSpan;

    protected override void Run(CommandContext context)
    {
        var file = context.Value(_file)!;
        var linux = Linux(context);
        var cancellation = context.Interruptible();
        var summary = context.Still(() =>
        {
            using var progress = new Progress("writing");
            var options = new ElfCoreOptions { VmCoreInfo = linux?.VmCoreInfo, Progress = progress.Report };
            return ElfCoreWriter.Write(file, context.Core, options, cancellation);
        });
        if (summary.Incomplete is { } reason)
            context.Missing(reason);
        if (context.IsJson)
        {
            context.Output.Json(
                new DumpJson(file, summary.MemoryBytes, summary.WrittenBytes, summary.Ranges, summary.Vcpus, summary.HasVmCoreInfo),
                CliJson.Default.DumpJson);
            return;
        }

        var vcpus = summary.Vcpus == 1 ? "1 vCPU" : string.Create(CultureInfo.InvariantCulture, $"{summary.Vcpus} vCPUs");
        context.Output.Line(string.Create(
            CultureInfo.InvariantCulture,
            $"{file}: {summary.MemoryBytes >> 20} MiB of memory, {summary.WrittenBytes >> 20} MiB of them not zero, "
            + $"registers of {vcpus}, {(summary.HasVmCoreInfo ? "" : "no ")}VMCOREINFO"));
    }

    /// <summary>For its VMCOREINFO only: any guest can be dumped.</summary>
    private static LinuxOs? Linux(CommandContext context)
    {
        try
        {
            return context.Linux;
        }
        catch (LinuxDetectionException exception)
        {
            context.Verbose($"without VMCOREINFO: {exception.Message}");
            return null;
        }
    }
}
