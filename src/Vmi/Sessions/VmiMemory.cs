using System.Diagnostics.CodeAnalysis;

namespace Vmi;

/// <summary>
/// What <see cref="VmiCore"/>, <see cref="VmiSession{TOs}"/>, <see cref="VmiState{TOs}"/> and <see cref="VmiContext{TOs}"/> all can do:
/// read and write memory, translate addresses, control the machine. Each operation takes an <see cref="AccessContext"/>: a
/// <see cref="Pa"/>, a (<see cref="Va"/>, root) pair, or, on something that knows a vCPU's registers, a bare <see cref="Va"/>.
/// </summary>
/// <remarks>
/// `Read…` and `Write…` throw <see cref="TranslationFaultException"/> where memory is not there, and <see cref="VmiDriverException"/>
/// where the VM is gone. Their `Try…` twins return false for the former and say where and why. Values are little-endian. Reads may
/// come from any thread.
/// </remarks>
public abstract partial class VmiMemory
{
    private protected VmiMemory(VmiMachine machine) => Machine = machine;

    /// <summary>The driver: where the VM is.</summary>
    public IVmiDriver Driver => Machine.Driver;

    /// <summary>The bounds against a hostile guest.</summary>
    public VmiLimits Limits => Machine.Limits;

    /// <summary>The size of the machine, as it is now.</summary>
    /// <exception cref="VmiDriverException">The VM is gone.</exception>
    public VmiInfo Info => Machine.Driver.Info;

    /// <summary>
    /// The most bytes that the string readers without an own limit return; a longer string is cut there. Null means the bound of
    /// <see cref="VmiLimits.StringBytes"/>.
    /// </summary>
    public int? ReadStringLengthLimit
    {
        get => Machine.StringLimit;
        set
        {
            if (value is { } limit)
                ArgumentOutOfRangeException.ThrowIfNegative(limit, nameof(value));
            Machine.StringLimit = value;
        }
    }

    internal VmiMachine Machine { get; }

    /// <summary>The registers through which this sees the VM; null on what knows no vCPU.</summary>
    internal virtual Registers? CurrentRegisters => null;

    private protected virtual PagingMode CurrentPagingMode => Machine.PagingMode;

    /// <summary>Whether the driver has an ability: one of the `IVmi…` interfaces.</summary>
    public bool Supports<T>()
        where T : class, IVmiDriver => Machine.Driver is T;

    /// <summary>Opens an operation: on a running VM, what was translated or copied within it may be used again until it ends.</summary>
    public VmiOperation BeginOperation() => new(Machine);

    /// <summary>The root for a bare virtual address; false on what knows none.</summary>
    private protected virtual bool TryGetRoot(Va va, out Pa root)
    {
        root = default;
        return false;
    }

    private bool TryResolve(in AccessContext context, out Pa root, out TranslationFault fault)
    {
        fault = default;
        if (context.Mechanism == TranslationMechanism.Paging)
        {
            root = context.Root;
            return true;
        }

        if (TryGetRoot(new Va(context.Address), out root))
            return true;
        fault = new TranslationFault { Address = context.Address, Cause = TranslationFaultCause.RootMissing };
        return false;
    }

    private static TranslationFault MissingAt(ulong address) =>
        new() { Address = address, EntryAddress = new Pa(address), Cause = TranslationFaultCause.PageMissing };

    private static void ThrowIfFault(bool succeeded, in TranslationFault fault)
    {
        if (!succeeded)
            Throw(fault);
    }

    [DoesNotReturn]
    private static void Throw(TranslationFault fault) => throw new TranslationFaultException(fault);
}
