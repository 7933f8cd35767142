namespace Vmi.Amd64;

/// <content>What the registers mean together: the mode, the page-table root, the stack.</content>
public sealed partial class Amd64Registers
{
    private const ulong Above4GiB = 0xFFFF_FFFF_0000_0000;

    /// <summary>RIP.</summary>
    public override Va InstructionPointer
    {
        get => new(Rip);
        set => Rip = value.Value;
    }

    /// <summary>RSP.</summary>
    public override Va StackPointer
    {
        get => new(Rsp);
        set => Rsp = value.Value;
    }

    /// <summary>RAX.</summary>
    public override ulong Result
    {
        get => Rax;
        set => Rax = value;
    }

    /// <summary>8 in long mode, else 4.</summary>
    public override int AddressWidth => PagingMode.Levels is PagingLevels.Four or PagingLevels.Five ? 8 : 4;

    /// <summary>8 for 64-bit code (CS.L in long mode), else 4.</summary>
    public override int EffectiveAddressWidth => AddressWidth == 8 && Cs.LongMode ? 8 : 4;

    /// <summary>
    /// The kind of paging (Intel SDM volume 3, 4.1.1). A source without EFER must show long mode in another register; what EFER.NXE
    /// says is then taken as set, since a kernel that has it clear leaves bit 63 of its entries clear.
    /// </summary>
    /// <exception cref="RegisterNotAvailableException">The registers that decide it are not there.</exception>
    public override PagingMode PagingMode
    {
        get
        {
            // CR4.PSE counts for 32-bit paging only, and with the others may differ between the vCPUs of one Linux guest.
            var cr4 = Cr4;
            if (!Cr0.Paging)
                return new PagingMode(PagingLevels.None);
            if (!cr4.PhysicalAddressExtension)
                return new PagingMode(PagingLevels.Legacy, cr4.PageSizeExtensions);
            var hasEfer = (Available & Amd64RegisterGroups.Efer) != 0;
            var longMode = hasEfer ? Efer.LongModeActive : ShowsLongMode();
            var noExecute = !hasEfer || Efer.NoExecuteEnable;
            var levels = !longMode ? PagingLevels.Pae : cr4.LinearAddresses57 ? PagingLevels.Five : PagingLevels.Four;
            return new PagingMode(levels, NoExecute: noExecute);
        }
    }

    /// <summary>The address bits of CR3, without PCID and bits 52 to 63. Setting it keeps the other bits.</summary>
    public override Pa TranslationRoot
    {
        get => Cr3.Root(PagingMode.Levels);
        set => Cr3 = Cr3.WithRoot(PagingMode.Levels, value);
    }

    /// <inheritdoc/>
    public override Va ReturnAddress(VmiMemory memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        // The CPU itself would use its CR3 for the stack, whatever root an operating system has for other addresses.
        var root = TranslationRoot;
        return EffectiveAddressWidth == 8
            ? new Va(memory.ReadUInt64((StackPointer, root)))
            : new Va(memory.ReadUInt32((new Va((uint)(Ss.Base + Rsp)), root)));
    }

    /// <inheritdoc/>
    public override Amd64Registers ReturnFromFunction(VmiMemory memory, ulong value)
    {
        var target = ReturnAddress(memory);
        var returned = Copy(_source);
        returned.Rip = target.Value;
        returned.Rsp = Rsp + (ulong)EffectiveAddressWidth;
        returned.Rax = value;
        return returned;
    }

    /// <summary>Whether a register has what only long mode allows: 64-bit code, PCIDs, or an address above 4 GiB.</summary>
    private bool ShowsLongMode()
    {
        if (Cr4.ProcessContextIdentifiers || (Cr3.Value & Above4GiB) != 0
            || Has(Amd64RegisterGroups.Segments) && (Cs.LongMode || ((Gs.Base | Fs.Base | Tr.Base) & Above4GiB) != 0)
            || Has(Amd64RegisterGroups.General) && ((Rip | Rsp) & Above4GiB) != 0
            || Has(Amd64RegisterGroups.DescriptorTables) && ((Idtr.Base.Value | Gdtr.Base.Value) & Above4GiB) != 0)
            return true;
        throw new RegisterNotAvailableException("EFER", "without it, PAE paging and long mode can't be told apart here");
    }

    private bool Has(Amd64RegisterGroups group) => (Available & group) != 0;
}
