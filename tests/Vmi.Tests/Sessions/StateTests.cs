using System.Buffers.Binary;
using Vmi.Amd64;
using Vmi.Tests.Fakes;

namespace Vmi.Tests.Sessions;

/// <summary>A session seen through a vCPU: bare addresses, and pointers as wide as the code's or the kernel's.</summary>
public sealed class StateTests
{
    private const ulong User = 0x40_0000;

    private readonly FakeMemoryDriver _driver = new(64);
    private readonly FakePageTables _tables;
    private readonly VmiSession<NoOs> _session;

    public StateTests()
    {
        _tables = new FakePageTables(_driver, 32);
        _tables.Map(User, 0x5000);
        BinaryPrimitives.WriteUInt64LittleEndian(_driver.Memory[0x5008..], 0x1122_3344_5566_7788);
        _session = new VmiSession<NoOs>(new VmiCore(_driver), NoOs.Instance);
    }

    [Fact]
    public void A_bare_address_is_looked_up_below_CR3()
    {
        var state = _session.WithRegisters(LongMode());
        Assert.Equal(0x88, state.ReadByte(new Va(User + 8)));
        Assert.Equal(_tables.Root, state.TranslationRoot(new Va(User)));
        Assert.True(state.TryTranslationRoot(new Va(User), out var root));
        Assert.Equal(_tables.Root, root);
        Assert.Equal(new AddressContext(new Va(User), _tables.Root), state.AddressContext(new Va(User)));
        Assert.Equal<AccessContext>((new Va(User), _tables.Root), state.AccessContext(new Va(User)));
        Assert.Equal(new Pa(0x5008), state.TranslateAddress(new Va(User + 8)));
        Assert.True(state.TryTranslateAddress(new Va(User + 8), out var pa, out _));
        Assert.Equal(new Pa(0x5008), pa);
        Assert.Equal(4, state.Walk(new Va(User)).Entries.Count);
        state.WriteByte(new Va(User + 8), 0x99);
        Assert.Equal(0x99, _driver.Memory[0x5008]);
        Assert.Equal(0x99, state.WithoutOs().ReadByte(new Va(User + 8)));
        Assert.Same(_session, state.Session);
    }

    [Fact]
    public void A_pointer_is_as_wide_as_the_code_and_a_native_one_as_the_kernel_s()
    {
        AccessContext at = new Va(User + 8);
        var kernel = _session.WithRegisters(LongMode());
        Assert.Equal(0x1122_3344_5566_7788UL, kernel.ReadAddress(at));
        Assert.Equal(0x1122_3344_5566_7788UL, kernel.ReadVaNative(at).Value);
        // 32-bit code in long mode.
        var compat = LongMode();
        compat.Cs = new SegmentDescriptor(0x23, 0, uint.MaxValue, 0xc0fb);
        var program = _session.WithRegisters(compat);
        Assert.Equal(0x5566_7788UL, program.ReadAddress(at));
        Assert.Equal(0x5566_7788UL, program.ReadVa(at).Value);
        Assert.Equal(0x1122_3344_5566_7788UL, program.ReadAddressNative(at));
        Assert.True(program.TryReadAddress(at, out var narrow, out _));
        Assert.True(program.TryReadVa(at, out var narrowVa, out _));
        Assert.True(program.TryReadAddressNative(at, out var wide, out _));
        Assert.True(program.TryReadVaNative(at, out var wideVa, out _));
        Assert.Equal((0x5566_7788UL, 0x5566_7788UL), (narrow, narrowVa.Value));
        Assert.Equal((0x1122_3344_5566_7788UL, 0x1122_3344_5566_7788UL), (wide, wideVa.Value));
    }

    [Fact]
    public void What_is_not_there_is_a_fault_in_both_forms()
    {
        var state = _session.WithRegisters(LongMode());
        var absent = new Va(User + 0x1000);
        foreach (var read in new Func<TranslationFault>[]
        {
            () => { Assert.False(state.TryReadAddress(absent, out _, out var fault)); return fault; },
            () => { Assert.False(state.TryReadVa(absent, out _, out var fault)); return fault; },
            () => { Assert.False(state.TryReadAddressNative(absent, out _, out var fault)); return fault; },
            () => { Assert.False(state.TryReadVaNative(absent, out _, out var fault)); return fault; },
            () => { Assert.False(state.TryTranslateAddress(absent, out _, out var fault)); return fault; },
            () => Assert.Throws<TranslationFaultException>(() => state.ReadVa(absent)).Fault,
            () => Assert.Throws<TranslationFaultException>(() => state.TranslateAddress(absent)).Fault,
        })
        {
            var fault = read();
            Assert.Equal((absent.Value, TranslationFaultCause.NotPresent, 1), (fault.Address, fault.Cause, fault.Level));
        }
    }

    [Fact]
    public void Without_registers_no_root_is_known_and_none_is_invented()
    {
        var state = _session.WithRegisters(null);
        Assert.False(state.TryTranslationRoot(new Va(User), out _));
        var thrown = Assert.Throws<TranslationFaultException>(() => state.TranslationRoot(new Va(User)));
        Assert.Equal(TranslationFaultCause.RootMissing, thrown.Fault.Cause);
        Assert.False(state.TryReadByte(new Va(User), out _, out var fault));
        Assert.Equal(TranslationFaultCause.RootMissing, fault.Cause);
        Assert.Equal(0x88, state.ReadByte((new Va(User + 8), _tables.Root)));
        Assert.Throws<VmiNotSupportedException>(() => state.Registers);
        Assert.Throws<VmiNotSupportedException>(() => state.ReadAddress((new Va(User + 8), _tables.Root)));
    }

    [Fact]
    public void Each_state_reads_the_page_tables_as_its_own_vcpu_does()
    {
        // The same bytes below the same root, with paging off: addresses are physical.
        var realMode = LongMode();
        realMode.Cr0 = 0x10;
        Assert.Equal(0x88, _session.WithRegisters(realMode).ReadByte(new Va(0x5008)));
        Assert.Equal(0x88, _session.WithRegisters(LongMode()).ReadByte(new Va(User + 8)));
    }

    private Amd64Registers LongMode() => new(Amd64RegisterGroups.All)
    {
        Cr0 = 0x8005_0033,
        Cr3 = _tables.Root.Value,
        Cr4 = 0x20,
        Efer = 0xd01,
        Cs = new SegmentDescriptor(0x10, 0, uint.MaxValue, 0xa09b),
    };
}
