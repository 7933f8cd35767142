using System.CommandLine;
using Vmi.Cli.Text;
using Vmi.Linux;

namespace Vmi.Cli.Options;

/// <summary>Where events are asked for: at an address of the kernel, or of a process; and of which process they are.</summary>
internal sealed class EventPlaceOptions
{
    private readonly Option<uint?> _pid =
        CommonOptions.Pid("Only events of this process. An address in the lower half is one of its own.");

    /// <summary>The options, added to a command.</summary>
    public EventPlaceOptions(Command command) => command.Add(_pid);

    /// <summary>Whether events of a process are wanted.</summary>
    public bool Includes(CommandContext context, uint? pid) => context.Value(_pid) is not { } only || pid == only;

    /// <summary>The address and the root that counts for it; a page must be mapped there.</summary>
    /// <exception cref="VmiException">There is no such symbol or process, or nothing is mapped there.</exception>
    public AddressContext Resolve(CommandContext context, AddressExpression expression)
    {
        var address = expression.Resolve(context.Linux.Kernel);
        return context.Still(() =>
        {
            var process = context.Value(_pid) is { } pid ? context.Process(pid) : null;
            AddressContext place = (address, RootOf(context.Linux, address, process));
            context.Core.TranslateAddress(place);
            return place;
        });
    }

    private static Pa RootOf(LinuxOs linux, Va address, LinuxProcess? process) =>
        linux.TranslationRoot(address, registers: null) ?? process?.TranslationRoot
        ?? throw new VmiException($"{NumberText.Hex(address)} is no kernel address: say whose it is with --pid.");
}
