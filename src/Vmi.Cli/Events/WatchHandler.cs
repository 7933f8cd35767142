using Vmi.Cli.Json;
using Vmi.Cli.Options;
using Vmi.Cli.Text;
using Vmi.Hooks;
using Vmi.Linux;

namespace Vmi.Cli.Events;

/// <summary>Shows the touches of watched memory.</summary>
internal sealed class WatchHandler : CountingHandler
{
    private readonly CommandContext _context;
    private readonly EventPlaceOptions _place;
    private readonly AddressContext _address;
    private readonly Watchpoints _watchpoints;
    private readonly int _length;
    private readonly EventTable _table;
    private ulong? _value;

    /// <summary>Sets the watchpoint up.</summary>
    /// <exception cref="VmiNotSupportedException">The driver has none, or not there.</exception>
    public WatchHandler(
        CommandContext context, VmiSession<LinuxOs> session, AddressContext address, int length, MemoryAccess access,
        EventPlaceOptions place, long count)
        : base(count)
    {
        (_context, _address, _length, _place) = (context, address, length, place);
        _table = new EventTable(
            context.Output, ("TIME", 15), (Column.Number("VCPU"), 4), (Column.Number("PID"), 6), (Column.Number("TID"), 6), ("NAME", 15),
            ("ACCESS", 9), ("BEFORE", 18), ("AFTER", 18), ("NEXT INSTRUCTION", 0));
        _watchpoints = Watchpoints.For(session);
        // Nobody touches it between the first look and the watchpoint.
        using var paused = session.PauseGuard();
        _value = Read(session);
        _watchpoints.Insert(address, length, access);
    }

    public override VmiEventResponse HandleEvent(VmiContext<LinuxOs> vmi)
    {
        if (!_watchpoints.TryGetTouch(vmi, out _, out var access))
            return _watchpoints.Resume(vmi);
        var before = _value;
        _value = Read(vmi);
        var thread = EventThread.Of(vmi);
        if (!IsDone && _place.Includes(_context, thread.Pid))
        {
            CountOne();
            Show(vmi, thread, access, before);
        }

        return _watchpoints.Resume(vmi);
    }

    public override void Cleanup(VmiSession<LinuxOs> session) => _watchpoints.Dispose();

    private ulong? Read(VmiMemory memory) => memory.TryReadUInt(_address, _length, out var value, out _) ? value : null;

    private void Show(VmiContext<LinuxOs> vmi, EventThread thread, MemoryAccess access, ulong? before)
    {
        var next = vmi.Registers.InstructionPointer;
        var touch = new WatchJson(
            EventTime.Json(DateTimeOffset.UtcNow), vmi.Event.Vcpu.Value, thread.Pid, thread.Tid, thread.Name,
            access.ToString().ToLowerInvariant(), NumberText.Hex(_address.Va), _length, Hex(before), Hex(_value), NumberText.Hex(next),
            vmi.Os.Kernel.Profile.Resolve(next)?.ToString());
        if (_context.IsJson)
        {
            _context.Output.JsonLine(touch, CliJson.Default.WatchJson);
            return;
        }

        _table.Add(
            EventTime.Text(DateTimeOffset.UtcNow), NumberText.Decimal(touch.Vcpu), NumberText.Decimal(touch.Pid),
            NumberText.Decimal(touch.Tid), touch.Name, touch.Access, touch.Before, touch.After, touch.Symbol ?? touch.InstructionPointer);
    }

    private static string? Hex(ulong? value) => value is { } known ? NumberText.Hex(known) : null;
}
