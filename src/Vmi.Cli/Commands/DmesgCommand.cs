using Vmi.Cli.Json;
using Vmi.Cli.Text;

namespace Vmi.Cli.Commands;

/// <summary>`dmesg`: the kernel's log.</summary>
internal sealed class DmesgCommand() : TargetCommand(
    "dmesg", "Shows the kernel's log.", "vmi dmesg memory.elf", "vmi dmesg memory.elf --json")
{
    protected override void Run(CommandContext context)
    {
        var linux = context.Linux;
        var log = context.Still(() => context.Complete(linux.Log()));
        if (context.IsJson)
        {
            context.Output.Json(
                [.. log.Select(record => new LogJson(
                    record.Sequence, Seconds.Of(record.TimestampNanoseconds), record.Level, record.Facility, record.CallerId,
                    record.Text))],
                CliJson.Default.IReadOnlyListLogJson);
            return;
        }

        foreach (var record in log)
        {
            // The further lines of a record stand below the first, as dmesg(1) has them.
            var indent = record.ToString().IndexOf(']') + 2;
            var lines = record.ToString().Split('\n');
            context.Output.Line(lines[0]);
            foreach (var line in lines.Skip(1))
                context.Output.Line(new string(' ', indent) + line);
        }
    }
}
