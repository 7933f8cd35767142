using System.CommandLine;
using Vmi.Cli.Conditions;
using Vmi.Cli.Events;
using Vmi.Cli.Options;
using Vmi.Hooks;

namespace Vmi.Cli.Commands;

/// <summary>`break`: who comes past an instruction, and with what.</summary>
internal sealed class BreakCommand : EventCommand
{
    private readonly Argument<AddressExpression> _address = CommonOptions.Address("SYMBOL|ADDRESS");
    private readonly EventPlaceOptions _place;
    private readonly Option<Condition?> _condition = new("--condition")
    {
        Description = "Only hits of which this is true, as in 'arg0 == 3 && name != \"init\"': registers, arg0 to arg5, pid, tid, vcpu, "
            + "name; == != < <= > >= ! && || ( ).",
        HelpName = "EXPRESSION",
        CustomParser = ConditionParser.Parse,
    };

    public BreakCommand()
        : base(
            "break",
            "hits",
            "Shows each time a running VM comes to an instruction: who, the registers, the function's arguments and the kernel's stack.",
            "vmi break qemu:/run/vm/qmp.sock __x64_sys_unlink --count 10",
            "vmi break qemu:pid=4711 0x401000 --pid 123 --for 1m --json")
    {
        Add(_address);
        _place = new EventPlaceOptions(this);
        Add(_condition);
    }

    protected override void Run(CommandContext context)
    {
        var place = _place.Resolve(context, context.Value(_address));
        Follow(context, session =>
        {
            var breakpoints = Breakpoints.For(session);
            breakpoints.Insert(place, context.Value(_address).Text);
            return new BreakHandler(context, breakpoints, place.Va, _place, context.Value(_condition), Count(context));
        });
    }
}
