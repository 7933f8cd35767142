using Vmi.Cli.Json;
using Vmi.Cli.Text;
using Vmi.Linux;

namespace Vmi.Cli.Commands;

/// <summary>`syscalls`: where system calls, exceptions and interrupts lead to.</summary>
internal sealed class SyscallsCommand() : TargetCommand(
    "syscalls",
    "Lists where system calls, exceptions and interrupts lead to. Entries that leave the kernel's own code are marked.",
    "vmi syscalls memory.elf",
    "vmi syscalls qemu:name=debian --json")
{
    protected override void Run(CommandContext context)
    {
        var linux = context.Linux;
        var handlers = context.Still(() =>
        {
            var calls = linux.Syscalls();
            return context.Complete(linux.Handlers()).Select(handler => Describe(calls, handler)).ToList();
        });
        if (context.IsJson)
        {
            context.Output.Json(handlers, CliJson.Default.IReadOnlyListHandlerJson);
            return;
        }

        var table = new TextTable("TABLE", Column.Number("NUMBER"), "NAME", "ADDRESS", "SYMBOL", "CODE OF");
        foreach (var handler in handlers)
        {
            table.Add(
                handler.Table, NumberText.Decimal(handler.Number), handler.Name, handler.Address, handler.Symbol,
                handler.InKernelText ? "kernel" : $"{handler.Module ?? "nobody"} (not the kernel!)");
        }

        context.Output.Table(table);
    }

    private static HandlerJson Describe(LinuxSyscalls calls, LinuxHandler handler)
    {
        var (table, abi) = handler.Table switch
        {
            LinuxHandlerTable.Syscalls => ("syscalls", SyscallAbi.X64),
            LinuxHandlerTable.Ia32Syscalls => ("ia32_syscalls", SyscallAbi.Ia32),
            _ => ("interrupts", (SyscallAbi?)null),
        };
        var name = abi is { } programs && calls.TryGet(handler.Number, out var call, programs) ? call.Name : null;
        return new HandlerJson(
            table, handler.Number, name, NumberText.Hex(handler.Address), handler.Symbol, handler.Module, handler.IsInKernelText);
    }
}
