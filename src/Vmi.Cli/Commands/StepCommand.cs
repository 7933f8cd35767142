using System.CommandLine;
using Vmi.Cli.Events;
using Vmi.Cli.Options;

namespace Vmi.Cli.Commands;

/// <summary>`step`: what a vCPU executes, instruction by instruction.</summary>
internal sealed class StepCommand : EventCommand
{
    private readonly Option<ushort?> _vcpu = CommonOptions.Vcpu("This vCPU; with --from only if it is the one that comes there. 0 if not said.");
    private readonly Option<AddressExpression?> _from = new("--from")
    {
        Description = "Begin when a vCPU comes to this address or symbol, instead of where it is.",
        HelpName = "SYMBOL|ADDRESS",
        CustomParser = result => AddressExpression.Parse(result),
    };

    private readonly EventPlaceOptions _place;

    public StepCommand()
        : base(
            "step",
            "instructions",
            "Shows what a vCPU of a running VM executes, instruction by instruction, interrupts held back meanwhile; each one before it is executed.",
            "vmi step qemu:/run/vm/qmp.sock --vcpu 1 --count 20",
            "vmi step qemu:/run/vm/qmp.sock --from __x64_sys_getpid --count 100 --json")
    {
        Add(_vcpu);
        Add(_from);
        _place = new EventPlaceOptions(this);
    }

    protected override void Run(CommandContext context)
    {
        var vcpu = context.Value(_vcpu);
        AddressContext? from = context.Value(_from) is { } expression ? _place.Resolve(context, expression) : null;
        if (from is null)
            vcpu ??= 0;
        Follow(context, session => new StepHandler(context, session, vcpu, from, _place, Count(context)));
    }
}
