using Vmi.Amd64;

namespace Vmi.Tests.Cpu;

/// <summary>Values as real kernels have them, and bits at the places that the manuals give.</summary>
public sealed class RegisterBitsTests
{
    [Fact]
    public void CR0_of_a_Linux_kernel_is_taken_apart()
    {
        Cr0 cr0 = 0x8005_0033;
        Assert.True(cr0 is
        {
            ProtectionEnable: true, MonitorCoprocessor: true, Emulation: false, TaskSwitched: false, ExtensionType: true,
            NumericError: true, WriteProtect: true, AlignmentMask: true, NotWriteThrough: false, CacheDisable: false, Paging: true,
        });
        Assert.Equal(0x8004_0033UL, cr0 with { WriteProtect = false });
    }

    [Theory]
    [InlineData(nameof(Cr4.PageSizeExtensions), 4)]
    [InlineData(nameof(Cr4.PhysicalAddressExtension), 5)]
    [InlineData(nameof(Cr4.LinearAddresses57), 12)]
    [InlineData(nameof(Cr4.ProcessContextIdentifiers), 17)]
    [InlineData(nameof(Cr4.SupervisorModeExecutionPrevention), 20)]
    [InlineData(nameof(Cr4.SupervisorModeAccessPrevention), 21)]
    [InlineData(nameof(Cr4.ProtectionKeys), 22)]
    [InlineData(nameof(Cr4.ControlFlowEnforcement), 23)]
    [InlineData(nameof(Cr4.SupervisorProtectionKeys), 24)]
    public void Bits_of_CR4_are_where_the_manual_has_them(string name, int bit)
    {
        Cr4 one = 1UL << bit;
        Assert.True((bool)typeof(Cr4).GetProperty(name)!.GetValue(one)!);
        Assert.False((bool)typeof(Cr4).GetProperty(name)!.GetValue((Cr4)~(1UL << bit))!);
    }

    [Fact]
    public void EFER_and_RFLAGS_of_a_Linux_kernel_are_taken_apart()
    {
        Efer efer = 0xd01;
        Assert.True(efer is { SystemCallExtensions: true, LongModeEnable: true, LongModeActive: true, NoExecuteEnable: true });
        Rflags rflags = 0x0004_3202;
        Assert.True(rflags is { InterruptEnable: true, IoPrivilegeLevel: 3, AlignmentCheck: true, Trap: false, Carry: false });
        Assert.Equal(0x0004_3302UL, rflags with { Trap = true });
        Assert.Equal(0x0004_1202UL, rflags with { IoPrivilegeLevel = 1 });
    }

    [Fact]
    public void DR7_of_two_hardware_breakpoints_is_taken_apart_and_made()
    {
        // G0 execute, G2 write of 4 bytes: the value that gdb's `watch` and `hbreak` make, bit 10 always set.
        Dr7 dr7 = 0x0d00_0422;
        Assert.True(dr7.IsGlobal(0) && dr7.IsGlobal(2) && !dr7.IsGlobal(1) && !dr7.IsLocal(0));
        Assert.Equal((BreakpointCondition.Execute, 1), (dr7.Condition(0), dr7.Length(0)));
        Assert.Equal((BreakpointCondition.Write, 4), (dr7.Condition(2), dr7.Length(2)));
        var made = new Dr7(0x400).WithBreakpoint(0, BreakpointCondition.Execute, 1).WithBreakpoint(2, BreakpointCondition.Write, 4);
        Assert.Equal(dr7, made);
        Assert.Equal(0x0d00_0420UL, made.WithoutBreakpoint(0));
        Assert.Equal(8, new Dr7(0).WithBreakpoint(3, BreakpointCondition.ReadWrite, 8).Length(3));
        Assert.Throws<ArgumentOutOfRangeException>(() => dr7.WithBreakpoint(0, BreakpointCondition.Execute, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => dr7.WithBreakpoint(0, BreakpointCondition.Write, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => dr7.IsLocal(4));
    }

    [Fact]
    public void DR6_after_a_single_step_is_taken_apart()
    {
        Dr6 dr6 = 0xffff_4ff2;
        Assert.True(dr6 is { SingleStep: true, BreakpointsHit: 2, TaskSwitch: false, DebugRegisterAccess: false });
    }

    [Fact]
    public void Segment_access_is_made_from_QEMUs_flags()
    {
        var segment = new SegmentDescriptor(0x33, 0, 0xffff_ffff, SegmentDescriptor.AccessOf(0x00affb00));
        Assert.True(segment is
        {
            Type: 0xB, IsSystem: false, IsCode: true, Dpl: 3, Present: true, Available: false, LongMode: true, DefaultBig: false,
            Granularity: true,
        });
        Assert.Equal(0xA0FB, segment.Access);
        Assert.True(new SegmentSelector(0x2f) is { Rpl: 3, IsLocal: true, Index: 5 });
    }

    [Fact]
    public void A_page_table_entry_is_taken_apart()
    {
        var entry = new PageTableEntry(0xb800_0001_2345_61e7);
        Assert.True(entry is
        {
            Present: true, Writable: true, User: true, WriteThrough: false, CacheDisable: false, Accessed: true, Dirty: true,
            PageSize: true, Global: true, NoExecute: true, ProtectionKey: 7,
        });
        Assert.True(entry.PageAttributeTable(1));
        Assert.False(entry.PageAttributeTable(2));
        Assert.Equal(new Pa(0x1_2345_6000), entry.Target(1, PagingMode.FourLevel));
        Assert.Equal(new Pa(0x1_2340_0000), entry.Target(2, PagingMode.FourLevel));
        Assert.Equal(new Pa(0x1_0000_0000), entry.Target(3, PagingMode.FourLevel));
        Assert.True(entry.IsLeaf(1, PagingMode.FourLevel) && entry.IsLeaf(3, PagingMode.FourLevel));
        Assert.False(entry.IsLeaf(4, PagingMode.FourLevel) || entry.IsLeaf(3, new PagingMode(PagingLevels.Pae)));
    }
}
