using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>
/// `struct orc_entry`. Its three forms are told by their bit fields: the oldest has `end`, the next (6.3) `signal` too; since 6.4 there is
/// no `end`, and the types have other numbers.
/// </summary>
internal sealed class OrcLayout : StructLayout
{
    private const int LargestEntry = 64;

    private readonly Field _spOffset;
    private readonly Field _bpOffset;
    private readonly BitField _spRegister;
    private readonly BitField _bpRegister;
    private readonly BitField _type;
    private readonly BitField? _signal;
    private readonly BitField? _end;

    public OrcLayout(Profile profile)
        : base(profile, "orc_entry")
    {
        _spOffset = Number("sp_offset");
        _bpOffset = Number("bp_offset");
        _spRegister = Bits("sp_reg");
        _bpRegister = Bits("bp_reg");
        _type = Bits("type");
        _signal = profile.HasField(Name, "signal") ? Bits("signal") : null;
        _end = profile.HasField(Name, "end") ? Bits("end") : null;
        Size = profile.SizeOf(Name);
        if (Size > LargestEntry || Size < (ulong)Length)
            throw new ProfileException($"An orc_entry of {Size} bytes makes no sense: the profile is not sound.");
    }

    /// <summary>
    /// Whether <see cref="OrcType.EndOfStack"/> may also mean that code can't be unwound: kernels with `end` have one hint for both.
    /// </summary>
    public bool IsEndVague => _end is not null;

    /// <summary>Bytes of an entry.</summary>
    public ulong Size { get; }

    public OrcEntry Decode(StructReader entry)
    {
        var spRegister = (OrcRegister)entry.Read(_spRegister);
        var type = TypeOf(entry, spRegister);
        var isSignal = _signal is { } signal
            ? entry.Read(signal) != 0
            : type is OrcType.Registers or OrcType.PartialRegisters;
        return new OrcEntry(
            type, spRegister, Signed(entry, _spOffset), (OrcRegister)entry.Read(_bpRegister), Signed(entry, _bpOffset), isSignal);
    }

    private OrcType TypeOf(StructReader entry, OrcRegister spRegister)
    {
        var type = (int)entry.Read(_type);
        if (_end is not { } end)
            return type <= (int)OrcType.PartialRegisters ? (OrcType)type : OrcType.Undefined;
        if (spRegister == OrcRegister.Undefined)
            return entry.Read(end) != 0 ? OrcType.EndOfStack : OrcType.Undefined;
        return type <= OrcType.PartialRegisters - OrcType.Call ? OrcType.Call + type : OrcType.Undefined;
    }

    private static long Signed(StructReader entry, Field field)
    {
        var unused = 64 - (int)field.Size * 8;
        return (long)(entry.Read(field) << unused) >> unused;
    }
}
