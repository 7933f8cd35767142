namespace Vmi.Amd64;

/// <summary>
/// The registers of one AMD64 vCPU at one moment. A group that the source lacks is not in <see cref="Available"/>, and reading one of
/// its registers throws <see cref="RegisterNotAvailableException"/>; one that it has but did not carry is fetched on first use.
/// </summary>
/// <remarks>Reading may come from any thread, writing from one.</remarks>
public sealed partial class Amd64Registers : Registers
{
    private readonly ulong[] _values = new ulong[(int)Amd64Register.Mxcsr + 1];
    private readonly SegmentDescriptor[] _segments = new SegmentDescriptor[Amd64Register.Ldtr - Amd64Register.Cs + 1];
    private readonly DescriptorTableRegister[] _tables = new DescriptorTableRegister[2];
    private readonly UInt128[] _xmm;
    private readonly Lock _fetching = new();
    private readonly IAmd64RegisterSource? _source;
    private volatile int _loaded;
    private Amd64RegisterGroups _beingFetched;

    /// <summary>Registers without values yet.</summary>
    /// <param name="available">The groups that can be had.</param>
    /// <param name="source">Where groups are fetched that are not set beforehand; null if all are set.</param>
    public Amd64Registers(Amd64RegisterGroups available, IAmd64RegisterSource? source = null)
    {
        Available = available;
        _source = source;
        _xmm = Has(Amd64RegisterGroups.Sse) ? new UInt128[Amd64Register.Xmm15 - Amd64Register.Xmm0 + 1] : [];
    }

    /// <summary>The groups that can be had; the others throw.</summary>
    public Amd64RegisterGroups Available { get; }

    /// <summary>The groups whose values are here already.</summary>
    public Amd64RegisterGroups Loaded => (Amd64RegisterGroups)_loaded;

    /// <summary>A register as a number.</summary>
    /// <exception cref="RegisterNotAvailableException">The source lacks it.</exception>
    /// <exception cref="ArgumentOutOfRangeException">It is a segment, table or XMM register.</exception>
    public ulong this[Amd64Register register]
    {
        get
        {
            ThrowIfNotNumber(register);
            return Get(register);
        }

        set
        {
            ThrowIfNotNumber(register);
            Set(register, value);
        }
    }

    /// <summary>The group that a register belongs to.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such register.</exception>
    public static Amd64RegisterGroups GroupOf(Amd64Register register) => register switch
    {
        <= Amd64Register.Rflags => Amd64RegisterGroups.General,
        <= Amd64Register.Ldtr => Amd64RegisterGroups.Segments,
        <= Amd64Register.Idtr => Amd64RegisterGroups.DescriptorTables,
        <= Amd64Register.Cr4 => Amd64RegisterGroups.Control,
        Amd64Register.Cr8 => Amd64RegisterGroups.Cr8,
        Amd64Register.Xcr0 => Amd64RegisterGroups.Xcr0,
        <= Amd64Register.Dr7 => Amd64RegisterGroups.Debug,
        Amd64Register.Efer => Amd64RegisterGroups.Efer,
        <= Amd64Register.Fmask => Amd64RegisterGroups.SyscallMsrs,
        Amd64Register.KernelGsBase => Amd64RegisterGroups.KernelGsBase,
        <= Amd64Register.GsBase => Amd64RegisterGroups.SegmentBases,
        <= Amd64Register.SysenterEip => Amd64RegisterGroups.Sysenter,
        Amd64Register.TscAux => Amd64RegisterGroups.TscAux,
        <= Amd64Register.Mxcsr => Amd64RegisterGroups.Sse,
        _ => throw new ArgumentOutOfRangeException(nameof(register), register, "There is no such register."),
    };

    /// <summary>A segment register.</summary>
    /// <param name="register">CS, DS, ES, FS, GS, SS, TR or LDTR.</param>
    /// <exception cref="RegisterNotAvailableException">The source lacks it.</exception>
    /// <exception cref="ArgumentOutOfRangeException">It is none of these.</exception>
    public SegmentDescriptor GetSegment(Amd64Register register)
    {
        var index = SegmentIndex(register);
        Require(Amd64RegisterGroups.Segments, register);
        return _segments[index];
    }

    /// <summary>Sets a segment register.</summary>
    /// <param name="register">CS, DS, ES, FS, GS, SS, TR or LDTR.</param>
    /// <param name="value">Its value.</param>
    /// <exception cref="RegisterNotAvailableException">The source lacks it.</exception>
    /// <exception cref="ArgumentOutOfRangeException">It is none of these.</exception>
    public void SetSegment(Amd64Register register, SegmentDescriptor value)
    {
        var index = SegmentIndex(register);
        PrepareSet(Amd64RegisterGroups.Segments, register);
        _segments[index] = value;
    }

    /// <summary>An XMM register, its first byte the lowest.</summary>
    /// <param name="register">XMM0 to XMM15.</param>
    /// <exception cref="RegisterNotAvailableException">The source lacks it.</exception>
    /// <exception cref="ArgumentOutOfRangeException">It is none of these.</exception>
    public UInt128 GetXmm(Amd64Register register)
    {
        var index = XmmIndex(register);
        Require(Amd64RegisterGroups.Sse, register);
        return _xmm[index];
    }

    /// <summary>Sets an XMM register.</summary>
    /// <param name="register">XMM0 to XMM15.</param>
    /// <param name="value">Its value.</param>
    /// <exception cref="RegisterNotAvailableException">The source lacks it.</exception>
    /// <exception cref="ArgumentOutOfRangeException">It is none of these.</exception>
    public void SetXmm(Amd64Register register, UInt128 value)
    {
        var index = XmmIndex(register);
        PrepareSet(Amd64RegisterGroups.Sse, register);
        _xmm[index] = value;
    }

    /// <summary>
    /// Makes this the registers of a new moment: all values are forgotten. For drivers, which keep one object a vCPU.
    /// </summary>
    /// <param name="carried">The groups whose registers the driver sets now, each of them; the others are fetched on first use.</param>
    /// <exception cref="ArgumentException">One of the groups is not among those available.</exception>
    public void Renew(Amd64RegisterGroups carried)
    {
        if ((carried & ~Available) != 0)
            throw new ArgumentException($"{carried & ~Available} is not among the groups available.", nameof(carried));
        _loaded = (int)carried;
    }

    /// <summary>Copies the registers of some groups.</summary>
    /// <exception cref="RegisterNotAvailableException">One of the two lacks a group.</exception>
    public void CopyFrom(Amd64Registers other, Amd64RegisterGroups groups)
    {
        ArgumentNullException.ThrowIfNull(other);
        for (var register = Amd64Register.Rax; register <= Amd64Register.Mxcsr; register++)
        {
            if ((GroupOf(register) & groups) != 0)
                CopyFrom(other, register);
        }
    }

    /// <summary>Copies one register.</summary>
    /// <exception cref="RegisterNotAvailableException">One of the two lacks it.</exception>
    public void CopyFrom(Amd64Registers other, Amd64Register register)
    {
        ArgumentNullException.ThrowIfNull(other);
        var group = GroupOf(register);
        other.Require(group, register);
        PrepareSet(group, register);
        switch (group)
        {
            case Amd64RegisterGroups.Segments:
                _segments[SegmentIndex(register)] = other._segments[SegmentIndex(register)];
                break;
            case Amd64RegisterGroups.DescriptorTables:
                _tables[register - Amd64Register.Gdtr] = other._tables[register - Amd64Register.Gdtr];
                break;
            case Amd64RegisterGroups.Sse when register != Amd64Register.Mxcsr:
                _xmm[XmmIndex(register)] = other._xmm[XmmIndex(register)];
                break;
            default:
                _values[(int)register] = other._values[(int)register];
                break;
        }
    }

    /// <summary>
    /// The registers that would have to be written for these to become <paramref name="wanted"/>. A group that was neither carried nor
    /// fetched in <paramref name="wanted"/> can't have been changed there; one that only it has counts as different.
    /// </summary>
    public IEnumerable<Amd64Register> Differences(Amd64Registers wanted)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        for (var register = Amd64Register.Rax; register <= Amd64Register.Mxcsr; register++)
        {
            var group = GroupOf(register);
            if ((wanted.Loaded & group) != 0 && ((Available & group) == 0 || !IsSame(wanted, register, group)))
                yield return register;
        }
    }

    /// <summary>A copy that stays valid. Groups that were not fetched yet are, since they could not be later.</summary>
    /// <exception cref="VmiDriverException">The VM is gone.</exception>
    public override Amd64Registers Clone()
    {
        if (_source is not null)
        {
            for (var register = Amd64Register.Rax; register <= Amd64Register.Mxcsr; register++)
            {
                if ((GroupOf(register) & Available) != 0)
                    Require(GroupOf(register), register);
            }
        }

        return Copy(source: null);
    }

    private Amd64Registers Copy(IAmd64RegisterSource? source)
    {
        var copy = new Amd64Registers(Available, source);
        _values.CopyTo(copy._values, 0);
        _segments.CopyTo(copy._segments, 0);
        _tables.CopyTo(copy._tables, 0);
        _xmm.CopyTo(copy._xmm, 0);
        copy._loaded = _loaded;
        return copy;
    }

    private bool IsSame(Amd64Registers other, Amd64Register register, Amd64RegisterGroups group)
    {
        Require(group, register);
        return group switch
        {
            Amd64RegisterGroups.Segments => _segments[SegmentIndex(register)] == other._segments[SegmentIndex(register)],
            Amd64RegisterGroups.DescriptorTables => _tables[register - Amd64Register.Gdtr] == other._tables[register - Amd64Register.Gdtr],
            Amd64RegisterGroups.Sse when register != Amd64Register.Mxcsr => _xmm[XmmIndex(register)] == other._xmm[XmmIndex(register)],
            _ => _values[(int)register] == other._values[(int)register],
        };
    }

    private ulong Get(Amd64Register register)
    {
        Require(GroupOf(register), register);
        return _values[(int)register];
    }

    private void Set(Amd64Register register, ulong value)
    {
        PrepareSet(GroupOf(register), register);
        _values[(int)register] = value;
    }

    private DescriptorTableRegister GetTable(Amd64Register register)
    {
        Require(Amd64RegisterGroups.DescriptorTables, register);
        return _tables[register - Amd64Register.Gdtr];
    }

    private void SetTable(Amd64Register register, DescriptorTableRegister value)
    {
        PrepareSet(Amd64RegisterGroups.DescriptorTables, register);
        _tables[register - Amd64Register.Gdtr] = value;
    }

    private void Require(Amd64RegisterGroups group, Amd64Register register)
    {
        if ((_loaded & (int)group) == 0)
            Fetch(group, register);
    }

    /// <summary>The other registers of a group are fetched before one is changed, so that they are not lost.</summary>
    private void PrepareSet(Amd64RegisterGroups group, Amd64Register register)
    {
        if ((_loaded & (int)group) != 0 || _beingFetched == group)
            return;
        if (_beingFetched != Amd64RegisterGroups.None)
            throw new InvalidOperationException($"A fetch of {_beingFetched} set {NameOf(register)}, which belongs to {group}.");
        if (_source is null && (Available & group) != 0)
            _loaded |= (int)group;
        else
            Fetch(group, register);
    }

    private void Fetch(Amd64RegisterGroups group, Amd64Register register)
    {
        if ((Available & group) == 0)
            throw new RegisterNotAvailableException(NameOf(register), "the source of this machine does not carry it");
        if (_source is null)
            throw new RegisterNotAvailableException(NameOf(register), "it was not set");
        lock (_fetching)
        {
            if ((_loaded & (int)group) != 0)
                return;
            _beingFetched = group;
            try
            {
                _source.Fetch(this, group);
                _loaded |= (int)group;
            }
            finally
            {
                _beingFetched = Amd64RegisterGroups.None;
            }
        }
    }

    private static string NameOf(Amd64Register register) => register.ToString().ToUpperInvariant();

    private static int SegmentIndex(Amd64Register register) => register is >= Amd64Register.Cs and <= Amd64Register.Ldtr
        ? register - Amd64Register.Cs
        : throw new ArgumentOutOfRangeException(nameof(register), register, "This is no segment register.");

    private static int XmmIndex(Amd64Register register) => register is >= Amd64Register.Xmm0 and <= Amd64Register.Xmm15
        ? register - Amd64Register.Xmm0
        : throw new ArgumentOutOfRangeException(nameof(register), register, "This is no XMM register.");

    private static void ThrowIfNotNumber(Amd64Register register)
    {
        if (register is >= Amd64Register.Cs and <= Amd64Register.Idtr or >= Amd64Register.Xmm0 and <= Amd64Register.Xmm15)
            throw new ArgumentOutOfRangeException(nameof(register), register, "This register is not a number of 64 bits.");
    }
}
