using System.Runtime.CompilerServices;

namespace Vmi;

/// <summary>
/// A session seen through one vCPU's registers: a bare <see cref="Va"/> can be read, since the operating system and the registers say
/// which page tables count for it.
/// </summary>
/// <typeparam name="TOs">The operating system.</typeparam>
public class VmiState<TOs> : VmiSession<TOs>
    where TOs : VmiOs
{
    private Registers? _registers;
    // A reference, so that it can't be read half-written by another thread.
    private StrongBox<PagingMode>? _pagingMode;
    private TOs? _os;

    internal VmiState(VmiSession<TOs> session, Registers? registers)
        : base(session.Core, session.UnderlyingOs)
    {
        Session = session;
        _registers = registers;
    }

    /// <summary>The session.</summary>
    public VmiSession<TOs> Session { get; }

    /// <summary>The vCPU's registers.</summary>
    /// <exception cref="VmiNotSupportedException">The source has none.</exception>
    public Registers Registers => _registers ?? throw new VmiNotSupportedException("registers", Driver.Name);

    /// <summary>The operating system, bound to this state.</summary>
    public TOs Os => _os ??= (TOs)UnderlyingOs.BindTo(this);

    internal override Registers? CurrentRegisters => _registers;

    private protected override PagingMode CurrentPagingMode => (_pagingMode ??= new StrongBox<PagingMode>(DetectPagingMode())).Value;

    /// <summary>The same state without its operating system.</summary>
    public new VmiState<NoOs> WithoutOs() => new(Session.WithoutOs(), _registers);

    /// <summary>The root of the page tables that count for an address.</summary>
    /// <exception cref="TranslationFaultException">None is known.</exception>
    public Pa TranslationRoot(Va va) => TryGetRoot(va, out var root)
        ? root
        : throw new TranslationFaultException(new TranslationFault { Address = va.Value, Cause = TranslationFaultCause.RootMissing });

    /// <summary>The root of the page tables that count for an address; false if none is known.</summary>
    public bool TryTranslationRoot(Va va, out Pa root) => TryGetRoot(va, out root);

    /// <summary>The access that a bare address means here.</summary>
    /// <exception cref="TranslationFaultException">No root is known for it.</exception>
    public AccessContext AccessContext(Va va) => AddressContext(va);

    /// <summary>The address together with the root that counts for it here.</summary>
    /// <exception cref="TranslationFaultException">No root is known for it.</exception>
    public AddressContext AddressContext(Va va) => new(va, TranslationRoot(va));

    /// <summary>The physical address of a virtual one.</summary>
    /// <exception cref="TranslationFaultException">Nothing is mapped there.</exception>
    public Pa TranslateAddress(Va va) => TranslateAccessContext(va);

    /// <summary>The physical address of a virtual one.</summary>
    public bool TryTranslateAddress(Va va, out Pa pa, out TranslationFault fault) => TryTranslateAccessContext(va, out pa, out fault);

    /// <summary>Walks the page tables that count for an address here.</summary>
    /// <exception cref="TranslationFaultException">No root is known for it.</exception>
    public PageWalk Walk(Va va) => Walk(AddressContext(va));

    /// <summary>The address that the current function returns to, if its first instruction has not run yet.</summary>
    /// <exception cref="TranslationFaultException">The stack is not there.</exception>
    public Va ReturnAddress() => Registers.ReturnAddress(this);

    /// <summary>The registers as they are after the current function returned a value, if its first instruction has not run yet.</summary>
    /// <exception cref="TranslationFaultException">The stack is not there.</exception>
    public Registers ReturnFromFunction(ulong value) => Registers.ReturnFromFunction(this, value);

    /// <summary>Reads a pointer as wide as the running code's: 4 bytes for 32-bit code.</summary>
    /// <exception cref="TranslationFaultException">It is not there.</exception>
    public ulong ReadAddress(AccessContext context) => ReadAddress(context, Registers.EffectiveAddressWidth);

    /// <summary>Reads a pointer as wide as the running code's: 4 bytes for 32-bit code.</summary>
    public bool TryReadAddress(AccessContext context, out ulong value, out TranslationFault fault) =>
        TryReadAddress(context, Registers.EffectiveAddressWidth, out value, out fault);

    /// <summary>Reads a pointer as wide as the kernel's.</summary>
    /// <exception cref="TranslationFaultException">It is not there.</exception>
    public ulong ReadAddressNative(AccessContext context) => ReadAddress(context, Registers.AddressWidth);

    /// <summary>Reads a pointer as wide as the kernel's.</summary>
    public bool TryReadAddressNative(AccessContext context, out ulong value, out TranslationFault fault) =>
        TryReadAddress(context, Registers.AddressWidth, out value, out fault);

    /// <summary>Reads a pointer as wide as the running code's: 4 bytes for 32-bit code.</summary>
    /// <exception cref="TranslationFaultException">It is not there.</exception>
    public Va ReadVa(AccessContext context) => new(ReadAddress(context));

    /// <summary>Reads a pointer as wide as the running code's: 4 bytes for 32-bit code.</summary>
    public bool TryReadVa(AccessContext context, out Va value, out TranslationFault fault) =>
        TryReadVa(context, Registers.EffectiveAddressWidth, out value, out fault);

    /// <summary>Reads a pointer as wide as the kernel's.</summary>
    /// <exception cref="TranslationFaultException">It is not there.</exception>
    public Va ReadVaNative(AccessContext context) => new(ReadAddressNative(context));

    /// <summary>Reads a pointer as wide as the kernel's.</summary>
    public bool TryReadVaNative(AccessContext context, out Va value, out TranslationFault fault) =>
        TryReadVa(context, Registers.AddressWidth, out value, out fault);

    /// <summary>Another vCPU's registers, or the same one's at a later event: nothing that was derived from the old ones stays.</summary>
    private protected void Replace(Registers registers)
    {
        _registers = registers;
        _pagingMode = null;
    }

    private protected override bool TryGetRoot(Va va, out Pa root)
    {
        var known = UnderlyingOs.TranslationRoot(va, _registers);
        root = known.GetValueOrDefault();
        return known.HasValue;
    }

    private PagingMode DetectPagingMode()
    {
        if (_registers is null)
            return Machine.PagingMode;
        try
        {
            return _registers.PagingMode;
        }
        catch (RegisterNotAvailableException)
        {
            return Machine.PagingMode;
        }
    }
}
