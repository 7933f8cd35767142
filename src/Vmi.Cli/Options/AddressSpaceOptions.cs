using System.CommandLine;
using Vmi.Cli.Text;

namespace Vmi.Cli.Options;

/// <summary>Whose addresses are meant: the kernel's, a process's, those of a vCPU as it stands, or physical ones.</summary>
internal sealed class AddressSpaceOptions
{
    private readonly Option<uint?> _pid = CommonOptions.Pid("The address is one of this process.");
    private readonly Option<ushort?> _vcpu = CommonOptions.Vcpu(
        "The address is one that this vCPU could use as it stands (its CR3); needs no Linux.");

    private readonly Option<bool>? _physical;

    /// <summary>The options, added to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="physical">Whether physical addresses make sense there.</param>
    public AddressSpaceOptions(Command command, bool physical)
    {
        command.Add(_pid);
        command.Add(_vcpu);
        if (physical)
            command.Add(_physical = new Option<bool>("--physical") { Description = "The address is a physical one; needs no Linux." });
        command.Validators.Add(result =>
        {
            var given = new Option?[] { _pid, _vcpu, _physical }.OfType<Option>()
                .Where(option => result.GetResult(option) is not null).Select(option => option.Name).ToList();
            if (given.Count > 1)
                result.AddError($"{string.Join(" and ", given)} exclude each other.");
        });
    }

    /// <summary>Reads at a typed address, within one pause; what has to be found for it is found before.</summary>
    /// <exception cref="VmiException">There is no such process, vCPU or symbol; or no root is known for the address.</exception>
    public T Read<T>(CommandContext context, AddressExpression address, Func<VmiMemory, AccessContext, T> read)
    {
        var needsLinux = address.Symbol is not null || context.Value(_pid) is not null
            || !(IsPhysical(context) || context.Value(_vcpu) is not null);
        var linux = needsLinux ? context.Linux : null;
        return context.Still(() =>
        {
            var (memory, access) = Resolve(context, linux is null ? address.Literal!.Value : address.Resolve(linux.Kernel));
            return read(memory, access);
        });
    }

    /// <summary>The root of a virtual access; null for a physical one.</summary>
    public static string? RootOf(AccessContext access) =>
        access.Mechanism == TranslationMechanism.Direct ? null : NumberText.Hex(access.Root);

    /// <summary>How wide the code there is: 32 or 64 bits.</summary>
    public int CodeBits(CommandContext context)
    {
        if (context.Value(_vcpu) is { } vcpu)
            return context.Registers(vcpu).EffectiveAddressWidth * 8;
        return context.Value(_pid) is { } pid && context.Process(pid).Architecture == VmiImageArchitecture.X86 ? 32 : 64;
    }

    private bool IsPhysical(CommandContext context) => _physical is not null && context.Value(_physical);

    private (VmiMemory Memory, AccessContext Access) Resolve(CommandContext context, Va address)
    {
        if (IsPhysical(context))
            return (context.Core, new Pa(address.Value));
        if (context.Value(_vcpu) is { } vcpu)
        {
            // As the CPU itself would, whatever an operating system knows of other roots.
            var state = new VmiSession<NoOs>(context.Core, NoOs.Instance).WithRegisters(context.Registers(vcpu));
            return (state, state.AddressContext(address));
        }

        if (context.Value(_pid) is { } pid)
            return (context.Core, (address, context.Process(pid).TranslationRoot));
        return context.Linux.TranslationRoot(address, registers: null) is { } root
            ? (context.Core, (address, root))
            : throw new VmiException($"{NumberText.Hex(address)} is no kernel address: say whose it is with --pid or --vcpu.");
    }
}
