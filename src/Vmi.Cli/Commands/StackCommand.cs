using System.CommandLine;
using Vmi.Amd64;
using Vmi.Cli.Json;
using Vmi.Cli.Options;
using Vmi.Cli.Text;
using Vmi.Linux;

namespace Vmi.Cli.Commands;

/// <summary>`stack`: the kernel stacks of a process's threads.</summary>
internal sealed class StackCommand : TargetCommand
{
    private readonly Argument<uint?> _pid = new("PID")
    {
        Description = "The process.",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = Numbers.Id<uint>,
    };

    private readonly Option<uint?> _tid = new("--tid")
    {
        Description = "Only this thread of it.",
        HelpName = "TID",
        CustomParser = Numbers.Id<uint>,
    };

    public StackCommand()
        : base(
            "stack",
            "Shows the kernel stacks of a process's threads, found by the kernel's own unwind tables. A guess is marked with ?.",
            "vmi stack memory.elf 1",
            "vmi stack qemu:/run/vm/qmp.sock 812 --tid 815 --json")
    {
        Add(_pid);
        Add(_tid);
    }

    protected override void Run(CommandContext context)
    {
        _ = context.Linux;
        var stacks = context.Still(() => Threads(context).Select(thread => Describe(context, thread)).ToList());
        if (context.IsJson)
        {
            context.Output.Json(stacks, CliJson.Default.IReadOnlyListStackJson);
            return;
        }

        var table = new TextTable(Column.Number("TID"), Column.Number("FRAME"), "ADDRESS", "STACK", "FUNCTION");
        foreach (var stack in stacks)
        {
            for (var i = 0; i < stack.Frames.Count; i++)
            {
                var frame = stack.Frames[i];
                table.Add(NumberText.Decimal(stack.Tid), NumberText.Decimal(i), frame.Address, frame.StackPointer, Function(frame));
            }
        }

        context.Output.Table(table);
    }

    private List<LinuxThread> Threads(CommandContext context)
    {
        var pid = context.Value(_pid)!.Value;
        var threads = context.Complete(context.Process(pid).Threads());
        if (context.Value(_tid) is not { } tid)
            return [.. threads];
        return threads.FirstOrDefault(thread => thread.Id.Value == tid) is { } only
            ? [only]
            : throw new VmiException($"Process {pid} has no thread {tid} (`vmi threads --pid {pid}` lists them).");
    }

    private static StackJson Describe(CommandContext context, LinuxThread thread)
    {
        var frames = context.Complete(thread.KernelStack(), $"thread {thread.Id}");
        return new StackJson(thread.Id.Value, thread.Name, thread.State.ToString(), [.. frames.Select(Describe)], frames.Incomplete);
    }

    /// <summary>A frame as JSON.</summary>
    public static StackFrameJson Describe(LinuxStackFrame frame) => new(
        NumberText.Hex(frame.Address),
        frame.Symbol?.Name,
        frame.Symbol?.Offset,
        frame.Module,
        frame.ModuleOffset,
        NumberText.Hex(frame.StackPointer),
        frame.IsReliable,
        frame.IsUserMode,
        frame.Interrupted is { } interrupted ? Registers(interrupted) : null);

    private static Dictionary<string, string> Registers(LinuxTrapFrame interrupted)
    {
        var registers = new Dictionary<string, string>();
        for (var register = Amd64Register.Rax; interrupted.General is { } general && register <= Amd64Register.Rflags; register++)
            registers[register.ToString().ToLowerInvariant()] = NumberText.Hex(general[register]);
        registers["rip"] = NumberText.Hex(interrupted.InstructionPointer);
        registers["rsp"] = NumberText.Hex(interrupted.StackPointer);
        registers["rflags"] = NumberText.Hex(interrupted.Flags.Value);
        registers["cs"] = NumberText.Hex(interrupted.CodeSegment.Value);
        registers["ss"] = NumberText.Hex(interrupted.StackSegment.Value);
        if (interrupted.OriginalRax is { } original)
            registers["orig_rax"] = NumberText.Hex(original);
        return registers;
    }

    /// <summary>Its function in a table: `name+0x10 [module]`, a guess with ?.</summary>
    public static string Function(StackFrameJson frame)
    {
        var name = frame switch
        {
            { UserMode: true } => "(user mode)",
            { Symbol: { } symbol } => symbol + "+" + NumberText.Hex(frame.Offset ?? 0),
            { ModuleOffset: { } offset } => NumberText.Hex(offset),
            _ => "",
        };
        return (frame.Reliable ? "" : "? ") + name + (frame.Module is { } module ? $" [{module}]" : "")
            + (frame is { UserMode: false, Registers: not null } ? " (interrupted)" : "");
    }
}
