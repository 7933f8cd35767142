using Vmi.Amd64;
using Vmi.Cli.Json;
using Vmi.Cli.Options;
using Vmi.Cli.Text;
using Vmi.Hooks;
using Vmi.Linux;

namespace Vmi.Cli.Events;

/// <summary>Shows the instructions that a vCPU executes, from a breakpoint on.</summary>
internal sealed class StepHandler : CountingHandler
{
    private const int LongestInstruction = 15;

    private readonly CommandContext _context;
    private readonly Breakpoints _breakpoints;
    private readonly EventPlaceOptions _place;
    private readonly EventTable _table;
    private ushort? _vcpu;
    private bool _isStepping;

    /// <summary>Sets the breakpoint up.</summary>
    /// <param name="context">The command.</param>
    /// <param name="session">The session.</param>
    /// <param name="vcpu">The vCPU; null for the first that comes there.</param>
    /// <param name="from">Where to begin; null for where that vCPU is.</param>
    /// <param name="place">Whose events are wanted.</param>
    /// <param name="count">After how many instructions it is done.</param>
    public StepHandler(
        CommandContext context, VmiSession<LinuxOs> session, ushort? vcpu, AddressContext? from, EventPlaceOptions place, long count)
        : base(count)
    {
        (_context, _vcpu, _place) = (context, vcpu, place);
        _table = new EventTable(
            context.Output, (Column.Number("VCPU"), 4), (Column.Number("PID"), 6), (Column.Number("TID"), 6), ("NAME", 15),
            ("ADDRESS", 18), ("SYMBOL", 32), ("INSTRUCTION", 0));
        _breakpoints = Breakpoints.For(session);
        session.MonitorEnable(new Amd64Monitor.Singlestep());
        if (from is { } there)
        {
            _breakpoints.Insert(there);
            return;
        }

        using var paused = session.PauseGuard();
        var registers = context.Registers(vcpu!.Value);
        _breakpoints.Insert((registers.InstructionPointer, registers.TranslationRoot));
    }

    public override VmiEventResponse HandleEvent(VmiContext<LinuxOs> vmi)
    {
        var isBegin = !_isStepping && _breakpoints.TryGetHit(vmi, out _);
        if (!isBegin && !vmi.Event.Reason.IsSinglestep || _vcpu is { } only && vmi.Event.Vcpu.Value != only)
            return VmiEventResponse.Continue;
        var thread = EventThread.Of(vmi);
        if (isBegin)
        {
            if (!_place.Includes(_context, thread.Pid))
                return _breakpoints.StepOver(vmi);
            _vcpu = vmi.Event.Vcpu.Value;
            _isStepping = true;
            _breakpoints.Dispose();
        }

        // The process that it began in may lose the CPU: what others do on it is passed over.
        if (_place.Includes(_context, thread.Pid))
        {
            CountOne();
            Show(vmi, thread);
        }

        return IsDone ? VmiEventResponse.Continue : VmiEventResponse.Singlestep;
    }

    public override void Cleanup(VmiSession<LinuxOs> session) => _breakpoints.Dispose();

    private void Show(VmiContext<LinuxOs> vmi, EventThread thread)
    {
        var (instruction, symbol) = Decode(vmi);
        if (_context.IsJson)
        {
            _context.Output.JsonLine(
                new StepJson(
                    EventTime.Json(DateTimeOffset.UtcNow), vmi.Event.Vcpu.Value, thread.Pid, thread.Tid, thread.Name,
                    NumberText.Hex(vmi.Registers.InstructionPointer), instruction?.Bytes ?? "", instruction?.Text, symbol,
                    instruction?.Target, instruction?.TargetSymbol),
                CliJson.Lines.StepJson);
            return;
        }

        _table.Add(
            NumberText.Decimal(vmi.Event.Vcpu.Value), NumberText.Decimal(thread.Pid), NumberText.Decimal(thread.Tid), thread.Name,
            NumberText.Hex(vmi.Registers.InstructionPointer), symbol, instruction?.Text ?? "(not in memory: it will fault)");
    }

    private static (InstructionJson? Instruction, string? Symbol) Decode(VmiContext<LinuxOs> vmi)
    {
        var address = vmi.Registers.InstructionPointer;
        var profile = vmi.Os.Kernel.Profile;
        var code = new byte[LongestInstruction];
        // As the CPU fetches it: below its own CR3, whatever root the kernel's addresses are read with.
        var length = vmi.TryRead((address, vmi.Registers.TranslationRoot), code, out var end)
            ? code.Length
            : (int)unchecked(end.Address - address.Value);
        var bits = vmi.Registers.EffectiveAddressWidth * 8;
        var decoded = Disassembly.Of(address.Value, code.AsMemory(0, length), bits, 1, profile);
        return (decoded.FirstOrDefault(), profile.Resolve(address)?.ToString());
    }
}
