using Vmi.Amd64;

namespace Vmi.Tests.Cpu;

/// <summary>Programs of our own under QEMU: what its MMU and its monitor say, against our walk over the memory they left.</summary>
public sealed class QemuPagingTests(BootPrograms programs) : IClassFixture<BootPrograms>
{
    private const uint NoFault = uint.MaxValue;
    private const uint NotTried = uint.MaxValue - 1;
    private const uint ProtectionFault = 0x0d00_0000;

    public static TheoryData<string> Programs => BootPrograms.Names;

    [Theory]
    [InlineData("legacy", PagingLevels.Legacy, true, false)]
    [InlineData("legacy without PSE", PagingLevels.Legacy, false, false)]
    [InlineData("PAE", PagingLevels.Pae, true, true)]
    [InlineData("PAE without NXE", PagingLevels.Pae, true, false)]
    [InlineData("4-level", PagingLevels.Four, true, true)]
    [InlineData("5-level", PagingLevels.Five, true, true)]
    public void The_paging_mode_follows_from_the_registers(string name, PagingLevels levels, bool pse, bool nx)
    {
        var mode = programs[name].Registers.PagingMode;
        Assert.Equal(levels, mode.Levels);
        Assert.Equal(pse, mode.PageSizeExtensions);
        Assert.Equal(nx, mode.NoExecute && levels != PagingLevels.Legacy);
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void Every_touch_of_the_guest_had_the_outcome_that_the_walk_foretells(string name)
    {
        var program = programs[name];
        var core = CoreOf(program);
        var root = program.Registers.TranslationRoot;
        var tried = 0;
        foreach (var (address, outcomes) in program.ReadProbes())
        {
            var mapped = core.TryTranslate((new Va(address), root), out var translation, out var fault);
            for (var way = 0; way < 4; way++)
            {
                if (outcomes[way] == NotTried)
                    continue;
                tried++;
                var allowed = mapped && way switch
                {
                    0 => true,
                    1 => translation.Writable,
                    2 => translation.Executable,
                    _ => !translation.User,
                };
                var what = $"0x{address:x} way {way}: {outcomes[way]:x8}, {fault}, {translation}";
                Assert.True(allowed == (outcomes[way] == NoFault), what);
                if (allowed)
                    continue;
                if (fault.Cause == TranslationFaultCause.NonCanonical)
                {
                    Assert.True(outcomes[way] == ProtectionFault, what);
                    continue;
                }

                var code = (PageFaultErrorCode)outcomes[way];
                Assert.True(code.HasFlag(PageFaultErrorCode.ReservedBit) == (fault.Cause == TranslationFaultCause.ReservedBit), what);
                // With a reserved bit QEMU leaves P clear, where a CPU sets it.
                if (fault.Cause != TranslationFaultCause.ReservedBit)
                    Assert.True(code.HasFlag(PageFaultErrorCode.Present) == (fault.Cause == TranslationFaultCause.None), what);
            }
        }

        Assert.InRange(tried, 100, int.MaxValue);
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void QEMU_translates_every_address_as_the_walk_does(string name)
    {
        var program = programs[name];
        var core = CoreOf(program);
        var root = program.Registers.TranslationRoot;
        var wide = core.PagingMode.Levels is PagingLevels.Four or PagingLevels.Five;
        var compared = 0;
        foreach (var address in Addresses(program, wide))
        {
            var mapped = core.TryTranslate((new Va(address), root), out var translation, out var fault);
            var theirs = program.GvaToGpa(address);
            if (fault.Cause == TranslationFaultCause.ReservedBit)
                continue;
            compared++;
            Assert.True(theirs == (mapped ? translation.Pa.Value : null), $"0x{address:x}: QEMU {theirs:x}, ours {translation.Pa} {fault}");
        }

        Assert.InRange(compared, 200, int.MaxValue);
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void A_walk_ends_as_the_translation_does_and_its_entries_are_those_in_memory(string name)
    {
        var program = programs[name];
        var core = CoreOf(program);
        var root = program.Registers.TranslationRoot;
        foreach (var (address, _) in program.ReadProbes())
        {
            var walk = core.Walk((new Va(address), root));
            var mapped = core.TryTranslate((new Va(address), root), out var translation, out var fault);
            Assert.Equal(mapped ? translation : null, walk.Translation);
            Assert.Equal(fault, walk.Fault);
            foreach (var entry in walk.Entries)
            {
                var inMemory = core.PagingMode.Levels == PagingLevels.Legacy
                    ? core.ReadUInt32(entry.Address)
                    : core.ReadUInt64(entry.Address);
                Assert.Equal(inMemory, entry.Value);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void The_segments_in_the_descriptor_tables_are_those_that_QEMU_loaded(string name)
    {
        var program = programs[name];
        var core = CoreOf(program);
        var gdt = DescriptorTable.ReadGdt(core, program.Registers);
        var ldt = DescriptorTable.ReadLdt(core, program.Registers);
        foreach (var register in (Amd64Register[])[
            Amd64Register.Cs, Amd64Register.Ds, Amd64Register.Es, Amd64Register.Ss, Amd64Register.Gs, Amd64Register.Tr, Amd64Register.Ldtr])
        {
            var loaded = program.Registers.GetSegment(register);
            Assert.True((loaded.Selector.IsLocal ? ldt : gdt).TryGet(loaded.Selector, out var descriptor), $"{register} {loaded}");
            // QEMU keeps TR's type as it was before it became busy.
            const int busy = 2;
            var access = register == Amd64Register.Tr ? (ushort)(descriptor.Segment.Access & ~busy) : descriptor.Segment.Access;
            var expected = register == Amd64Register.Tr ? (ushort)(loaded.Access & ~busy) : loaded.Access;
            Assert.Equal((loaded.Base, loaded.Limit, expected), (descriptor.Segment.Base, descriptor.Segment.Limit, access));
        }
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public void The_gates_of_the_IDT_lead_to_the_handlers_and_end_at_its_limit(string name)
    {
        var program = programs[name];
        var idt = Idt.Read(CoreOf(program), program.Registers);
        Assert.Equal(15, idt.Count);
        Assert.Equal(program.AddressOf("page_fault"), idt[ExceptionVector.PageFault].Offset.Value);
        Assert.Equal(program.AddressOf("protection_fault"), idt[ExceptionVector.GeneralProtection].Offset.Value);
        Assert.Equal(program.Registers.Cs.Selector, idt[ExceptionVector.PageFault].Selector);
        Assert.Equal(GateType.Interrupt, idt[ExceptionVector.PageFault].Type);
        Assert.True(idt[ExceptionVector.PageFault].Present);
        Assert.False(idt[ExceptionVector.Breakpoint].Present);
    }

    private static VmiCore CoreOf(BootProgram program) =>
        new(program.Driver) { PagingMode = program.Registers.PagingMode with { PhysicalAddressBits = 40 } };

    private static IEnumerable<ulong> Addresses(BootProgram program, bool wide)
    {
        var random = new Random(1);
        foreach (var (address, _) in program.ReadProbes())
        {
            yield return address;
            yield return Fit(random.Next(3) switch
            {
                0 => address ^ 0xfff,
                1 => address ^ 1UL << random.Next(12, 64),
                _ => address + (ulong)random.NextInt64(1L << 31),
            });
        }

        for (var i = 0; i < 300; i++)
            yield return Fit((ulong)random.NextInt64() >> random.Next(0, 40));

        ulong Fit(ulong address) => wide ? address : (uint)address;
    }
}
