using Vmi.Amd64;
using Vmi.Cli.Commands;
using Vmi.Cli.Conditions;
using Vmi.Cli.Json;
using Vmi.Cli.Options;
using Vmi.Cli.Text;
using Vmi.Hooks;
using Vmi.Linux;
using Vmi.Symbols;

namespace Vmi.Cli.Events;

/// <summary>Shows the hits of a breakpoint.</summary>
internal sealed class BreakHandler(
    CommandContext context, Breakpoints breakpoints, Va address, EventPlaceOptions place, Condition? condition, long count)
    : CountingHandler(count)
{
    private const int RegistersPerLine = 4;

    private readonly SymbolLocation? _symbol = context.Linux.Kernel.Profile.Resolve(address);
    private readonly EventTable _table = new(
        context.Output, ("TIME", 15), (Column.Number("VCPU"), 4), (Column.Number("PID"), 6), (Column.Number("TID"), 6), ("NAME", 15),
        ("AT", 24), ("ARGUMENTS", 0));

    private bool _wasUnknown;

    public override VmiEventResponse HandleEvent(VmiContext<LinuxOs> vmi)
    {
        if (!breakpoints.IsHit(vmi))
            return VmiEventResponse.Continue;
        var values = new BreakValues(vmi);
        if (!IsDone && place.Includes(context, values.Thread.Pid) && IsTrue(values))
        {
            CountOne();
            Show(Describe(vmi, values));
        }

        return breakpoints.StepOver(vmi);
    }

    public override void Cleanup(VmiSession<LinuxOs> session) => breakpoints.Dispose();

    private bool IsTrue(BreakValues values)
    {
        try
        {
            return condition?.IsTrue(values) != false;
        }
        catch (TranslationFaultException exception)
        {
            if (!_wasUnknown)
                context.Missing($"a hit was left out, because an argument is not in memory: {exception.Message}");
            _wasUnknown = true;
            return false;
        }
    }

    private BreakJson Describe(VmiContext<LinuxOs> vmi, BreakValues values)
    {
        var registers = (Amd64Registers)vmi.Registers;
        var shown = new Dictionary<string, string>();
        for (var register = Amd64Register.Rax; register <= Amd64Register.Rflags; register++)
            shown.Add(register.ToString().ToLowerInvariant(), NumberText.Hex(registers[register]));
        var (stack, incomplete) = Stack(vmi);
        // Within a function its registers are no arguments any more. What begins in a program's code is not known.
        var arguments = _symbol is null or { Offset: 0 } ? Arguments(values) : null;
        return new BreakJson(
            EventTime.Json(DateTimeOffset.UtcNow), vmi.Event.Vcpu.Value, values.Thread.Pid, values.Thread.Tid, values.Thread.Name,
            NumberText.Hex(address), _symbol?.ToString(), arguments, shown, stack, incomplete);
    }

    private static List<string>? Arguments(BreakValues values)
    {
        try
        {
            return [.. Enumerable.Range(0, ConditionName.Arguments).Select(index => NumberText.Hex(values.Argument(index)))];
        }
        catch (TranslationFaultException)
        {
            return null;
        }
    }

    private static (IReadOnlyList<StackFrameJson> Frames, string? Incomplete) Stack(VmiContext<LinuxOs> vmi)
    {
        try
        {
            var stack = vmi.Os.KernelStack();
            return ([.. stack.Select(StackCommand.Describe)], stack.Incomplete);
        }
        catch (VmiException exception)
        {
            return ([], exception.Message);
        }
    }

    private void Show(BreakJson hit)
    {
        if (context.IsJson)
        {
            context.Output.JsonLine(hit, CliJson.Lines.BreakJson);
            return;
        }

        _table.Add(
            EventTime.Text(DateTimeOffset.Now), NumberText.Decimal(hit.Vcpu), NumberText.Decimal(hit.Pid), NumberText.Decimal(hit.Tid),
            hit.Name, hit.Symbol ?? hit.Address, hit.Arguments is null ? "" : string.Join(" ", hit.Arguments));
        foreach (var line in hit.Registers.Chunk(RegistersPerLine))
            context.Output.Line(string.Concat(line.Select(each => $"    {each.Key,-6} {each.Value,-18}")).TrimEnd());
        for (var i = 0; i < hit.Stack.Count; i++)
            context.Output.Line($"    #{NumberText.Decimal(i),-3} {hit.Stack[i].Address,-18}  {StackCommand.Function(hit.Stack[i])}");
        if (hit.StackIncomplete is { } reason)
            context.Output.Line($"    the stack is not whole: {reason}");
        context.Output.Flush();
    }
}
