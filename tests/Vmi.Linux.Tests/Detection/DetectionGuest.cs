using System.Text;
using Vmi.Amd64;
using Vmi.Linux.Tests.Fakes;
using Vmi.Symbols.Tests;

namespace Vmi.Linux.Tests.Detection;

/// <summary>
/// A machine of 16 MiB with a kernel in it, made by hand as arch/x86 leaves one: the image at a physical address of its own, text in a
/// large page, then read-only data, then data with the kernel's page tables in it; a direct map; an array of `struct page`; an IDT.
/// </summary>
internal sealed class DetectionGuest
{
    public const int Length = 16 << 20;
    public const ulong NoExecute = 1UL << 63;

    /// <summary>Where in the image the read-only data begin, and the data.</summary>
    public const ulong ReadOnly = 2 << 20;
    public const ulong Data = 3 << 20;

    public const ulong Image = KallsymsBuilder.Base;
    public const ulong ImageEnd = Image + (4 << 20);
    public const ulong ImageAt = 4 << 20;
    public const ulong Banner = Image + ReadOnly;
    public const ulong InitTask = Image + Data;
    public const ulong PhysBase = Image + Data + 0x1000;
    public const ulong Release = Image + Data + 0x1100;
    public const ulong LevelFlag = Image + Data + 0x1800;
    public const ulong RootOffset = Data + 0x10000;
    public const ulong Idt = 0xffff_fe00_0000_0000;
    public const ulong Handler = Image + 0x1230;
    public const ulong ProcessRoot = 0x30000;
    public const ulong PagesAt = 0x20_0000;
    public const uint ReservedBit = 3;
    public const string Text = "Linux version 6.1.0-test (x) #1 SMP";

    private const ulong Table = 0x63;
    private const ulong LargeSize = 2 << 20;

    private readonly ulong _imageAt;
    private readonly bool _fiveLevel;
    private ulong _nextTable;

    /// <param name="memory">Where it is put; null for memory of its own.</param>
    /// <param name="imageAt">Where the image is put, and the frames of the other tables are counted from.</param>
    /// <param name="fiveLevel">Whether it runs with 5-level paging.</param>
    /// <param name="tablesAt">Where the frames of the tables outside the image begin.</param>
    /// <param name="banner">`linux_banner`.</param>
    public DetectionGuest(
        FakeMemory? memory = null, ulong imageAt = ImageAt, bool fiveLevel = false, ulong tablesAt = 0x40000, string banner = Text)
    {
        Memory = memory ?? new FakeMemory(Length);
        _imageAt = imageAt;
        _fiveLevel = fiveLevel;
        _nextTable = tablesAt;
        WriteImage(banner);
        MapImage();
        for (ulong at = 0; at < Length; at += LargeSize)
            MapLarge(DirectMap + at, at);
        MapLarge(PageArray, PagesAt);
        for (var at = imageAt; at < imageAt + (ImageEnd - Image); at += Frame.Size)
            Memory.Write(PagesAt + (at >> Frame.Shift) * 64, 1UL << (int)ReservedBit);
        MapPage(Idt, 0x21000, Table);
        WriteGate(0, Handler - 0x100);
        WriteGate(14, Handler);
        // A process's root shares the kernel's half.
        Memory.Bytes.AsSpan((int)Root.Value, Frame.Size).CopyTo(Memory.Bytes.AsSpan((int)ProcessRoot));
    }

    public FakeMemory Memory { get; }

    public ulong DirectMap => _fiveLevel ? 0xff11_0000_0000_0000 : 0xffff_8880_0000_0000;

    public ulong PageArray => _fiveLevel ? 0xffd4_0000_0000_0000 : 0xffff_ea00_0000_0000;

    public Pa Root => new(_imageAt + RootOffset);

    /// <summary>The page directory that maps the image.</summary>
    public ulong Middle => Root.Value + 0x4000;

    /// <summary>The page table that maps the read-only data and the data.</summary>
    public ulong Lower => Root.Value + 0x5000;

    public ulong Physical(ulong address) => address - Image + _imageAt;

    public byte[] CoreInfo(string release = "6.1.0-test") => Encoding.ASCII.GetBytes(
        $"OSRELEASE={release}\nPAGESIZE=4096\nSYMBOL(_stext)={Image:x}\nSYMBOL(swapper_pg_dir)={Image + RootOffset:x}\n"
        + $"NUMBER(phys_base)={(long)(_imageAt - (Image - LinuxKernel.KernelMap))}\nNUMBER(pgtable_l5_enabled)={(_fiveLevel ? 1 : 0)}\n");

    /// <summary>The registers of a vCPU that has a root in CR3.</summary>
    public Amd64Registers Registers(ulong cr3) => new(
        Amd64RegisterGroups.Control | Amd64RegisterGroups.Efer | Amd64RegisterGroups.DescriptorTables)
    {
        Cr0 = 0x8005_0033,
        Cr3 = cr3,
        Cr4 = _fiveLevel ? 0x1020UL : 0x20,
        Efer = 0xd01,
        Gdtr = default,
        Idtr = new DescriptorTableRegister(new Va(Idt), 0xfff),
    };

    /// <summary>Changes the rights of the pages of a part of the image behind its text.</summary>
    public void SetRights(ulong offset, ulong length, ulong rights)
    {
        for (var at = offset; at < offset + length; at += Frame.Size)
            Memory.Write(Lower + (at - ReadOnly) / Frame.Size * 8, _imageAt + at | rights);
    }

    /// <summary>The tables of kallsyms, and BTF, as the image has them.</summary>
    public void WriteSymbols(ulong kallsymsAt, ulong btfAt, ulong root, ulong initTask)
    {
        var btf = Types();
        (ulong Address, char Type, string Name)[] variables =
        [
            (Banner, 'R', "linux_banner"), (Image + btfAt, 'R', "__start_BTF"), (Image + btfAt + (ulong)btf.Length, 'R', "__stop_BTF"),
            (initTask, 'D', "init_task"), (PhysBase, 'D', "phys_base"), (Release - 65, 'D', "init_uts_ns"),
            (LevelFlag, 'D', "__pgtable_l5_enabled"), (root, 'D', "init_top_pgt"), (ImageEnd, 'B', "_end"),
        ];
        var symbols = new KallsymsBuilder().Add(0, 'A', "fixed_percpu_data").Add(Image, 'T', "_text");
        for (var i = 0; i < 1500; i++)
            symbols.Add(Image + 16 * (ulong)i, 'T', $"function_{i}");
        foreach (var (address, type, name) in variables.OrderBy(variable => variable.Address))
            symbols.Add(address, type, name);
        var tables = symbols.Tables(KallsymsBuilder.Format.Linux64, Image + kallsymsAt);
        btf.CopyTo(Memory.Bytes, (int)(_imageAt + btfAt));
        tables.CopyTo(Memory.Bytes, (int)(_imageAt + kallsymsAt));
    }

    private void WriteImage(string banner)
    {
        for (var i = 0; i < (int)ReadOnly; i++)
            Memory.Bytes[(int)_imageAt + i] = (byte)(i * 31 >> 3);
        WriteText(Banner, banner + "\n");
        WriteSymbols(ReadOnly + 0x10000, ReadOnly + 0x80000, Image + RootOffset, InitTask);
        WriteText(InitTask + 16, "swapper/0");
        Memory.Write(Physical(PhysBase), _imageAt - (Image - LinuxKernel.KernelMap));
        WriteText(Release, banner.Split(' ')[2]);
        Memory.Write(Physical(LevelFlag), _fiveLevel ? 1u : 0u);
    }

    private void WriteText(ulong address, string text) => Encoding.ASCII.GetBytes(text + "\0").CopyTo(Memory.Bytes, (int)Physical(address));

    private static byte[] Types()
    {
        var b = new BtfBuilder();
        var u32 = b.Int("unsigned int", 4);
        var u64 = b.Int("unsigned long", 8);
        var character = b.Int("char", 1);
        b.Struct("task_struct", 64, ("pid", u32, 0), ("comm", b.Array(character, 16), 16 * 8));
        var name = b.Struct("new_utsname", 130, ("nodename", b.Array(character, 65), 0), ("release", b.Array(character, 65), 65 * 8));
        b.Struct("uts_namespace", 130, ("name", name, 0));
        b.Struct("page", 64, ("flags", u64, 0));
        b.Enum("pageflags", false, ("PG_locked", 0), ("PG_reserved", ReservedBit));
        return b.Build();
    }

    /// <summary>The tables of the kernel's image are in it, as head_64.S has them: level3_kernel_pgt and those below.</summary>
    private void MapImage()
    {
        var upper = Root.Value + 0x3000;
        if (_fiveLevel)
        {
            Memory.Write(Root.Value + 511 * 8, Root.Value + 0x2000 | Table);
            Memory.Write(Root.Value + 0x2000 + 511 * 8, upper | Table);
        }
        else
        {
            Memory.Write(Root.Value + 511 * 8, upper | Table);
        }

        Memory.Write(upper + 510 * 8, Middle | Table);
        var index = Image >> 21 & 511;
        Memory.Write(Middle + index * 8, _imageAt | 0xE1);
        Memory.Write(Middle + (index + 1) * 8, Lower | Table);
        SetRights(ReadOnly, Data - ReadOnly, 0x61 | NoExecute);
        SetRights(Data, (4 << 20) - Data, 0x63 | NoExecute);
    }

    private void MapLarge(ulong va, ulong pa) => Memory.Write(EntryOf(va, 2), pa | 0xE3 | NoExecute);

    private void MapPage(ulong va, ulong pa, ulong rights) => Memory.Write(EntryOf(va, 1), pa | rights);

    private ulong EntryOf(ulong va, int lowest)
    {
        var table = Root.Value;
        for (var level = _fiveLevel ? 5 : 4; ; level--)
        {
            var entry = table + (va >> (12 + 9 * (level - 1)) & 511) * 8;
            if (level == lowest)
                return entry;
            var next = BitConverter.ToUInt64(Memory.Bytes, (int)entry);
            if (next == 0)
            {
                next = _nextTable | Table;
                _nextTable += Frame.Size;
                Memory.Write(entry, next);
            }

            table = next & 0x000f_ffff_ffff_f000;
        }
    }

    private void WriteGate(int vector, ulong handler)
    {
        Memory.Write(0x21000 + (ulong)vector * 16, handler & 0xFFFF | 0x10 << 16 | 0x8EUL << 40 | (handler >> 16 & 0xFFFF) << 48);
        Memory.Write(0x21000 + (ulong)vector * 16 + 8, handler >> 32);
    }
}
