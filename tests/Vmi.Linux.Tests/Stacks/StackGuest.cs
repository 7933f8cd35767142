using System.Buffers.Binary;
using System.Collections.Concurrent;
using Vmi.Amd64;
using Vmi.Linux.Tests.Fakes;
using Vmi.Symbols;
using Vmi.Symbols.Tests;

namespace Vmi.Linux.Tests.Stacks;

/// <summary>
/// A guest of 4 MiB with code, unwind tables, a thread and its stack, and one CPU with its stacks, each written by hand as
/// arch/x86/include/asm/orc_types.h and asm/ptrace.h of the given time say.
/// </summary>
internal sealed class StackGuest
{
    public const ulong DirectMap = 0xffff_8880_0000_0000;
    public const ulong Image = KallsymsBuilder.Base;
    public const ulong Schedule = Image + 0x8000;
    public const ulong Leaf = Image + 0x9000;
    public const ulong Caller = Image + 0xa000;
    public const ulong Entry = Image + 0xb000;
    public const ulong RetFromFork = Image + 0xc000;
    public const ulong ReturnToHandler = Image + 0xd000;
    public const ulong RethookTrampoline = Image + 0xe000;
    public const ulong FtraceCaller = Image + 0xf000;
    public const ulong FtraceRegsCaller = Image + 0x10000;
    public const ulong TextEnd = Image + 0x20000;
    public const ulong Addresses = Image + 0x40000;
    public const ulong Entries = Image + 0x50000;
    public const ulong InitTask = Image + 0x58000;
    public const ulong Modules = Image + 0x60000;
    public const ulong FtraceOpsList = Image + 0x61000;
    public const ulong PerCpuOffsets = Image + 0x62000;
    public const ulong NrCpuIds = Image + 0x63000;
    public const ulong Task = DirectMap + 0x10000;
    public const ulong Stack = DirectMap + 0x20000;
    public const ulong StackTop = Stack + 0x4000;
    public const ulong InterruptStack = DirectMap + 0x30000;
    public const ulong InterruptStackTop = InterruptStack + 0x4000;
    public const ulong ExceptionStacks = DirectMap + 0x40000;
    public const ulong Cpu = DirectMap + 0x50000;
    public const ulong Free = DirectMap + 0x60000;
    public const ulong Module = DirectMap + 0x70000;
    public const ulong ModuleText = DirectMap + 0x80000;
    private const ulong CurrentTask = 0x100;
    private const ulong HardirqStackPointer = 0x108;
    private const ulong CeaExceptionStacks = 0x110;
    private const ulong CpuTss = 0x200;
    private const ulong ImageAt = 2 << 20;
    private const ulong Root = 0x1000;

    private static readonly string[] s_registers =
    [
        "r15", "r14", "r13", "r12", "bp", "bx", "r11", "r10", "r9", "r8", "ax", "cx", "dx", "si", "di", "orig_ax", "ip", "cs", "flags",
        "sp", "ss",
    ];

    private static readonly ConcurrentDictionary<(OrcForm Form, bool GraphHasWords), Profile> s_profiles = new();

    // The numbers in 7.2 of what had 0 to 9 before: undefined, the previous SP, DX, DI, BP, SP, R10, R13, BP and SP indirect.
    private static readonly int[] s_newerNumbers = [0, 8, 1, 2, 4, 3, 6, 7, 10, 9];

    private readonly OrcForm _form;
    private readonly List<(ulong Address, ushort Bits, int Sp, int Bp)> _code = [];
    private readonly Profile _profile;

    public StackGuest(OrcForm form, bool graphHasWords = false, int stackRegister = 5)
    {
        _form = form;
        Map(DirectMap, 0, 0x5000);
        Map(Image, ImageAt, 0x7000);
        _profile = s_profiles.GetOrAdd((form, graphHasWords), static kernel => new Profile(
            Types(kernel.Form, kernel.GraphHasWords), Symbols(kernel.Form), new KernelIdentity("Linux version 0 (fake)", null)));
        var core = new VmiCore(Memory, new VmiCoreOptions { Limits = new VmiLimits { ListEntries = 500, StringBytes = 4096 } })
        {
            PagingMode = PagingMode.FourLevel,
        };
        Reader = new KernelReader(core, new LinuxKernel
        {
            Profile = _profile,
            ImageBase = new Va(Image),
            ImageEnd = new Va(Image + 0x80000),
            ImagePhysicalBase = new Pa(ImageAt),
            TranslationRoot = new Pa(Root),
            PagingMode = PagingMode.FourLevel,
            PageTableIsolation = false,
            Banner = "Linux version 0 (fake)",
            DirectMapBase = new Va(DirectMap),
            PageArrayBase = new Va(0xffff_ea00_0000_0000),
            FoundBy = "hand",
        }, new LinuxLayouts(_profile));

        AddTask(InitTask, 0);
        AddTask(Task, 1);
        Set(Task, "task_struct", "stack", Stack);
        Write(PerCpuOffsets, Cpu);
        Write(NrCpuIds, 1);
        Write(Cpu + CurrentTask, Task);
        Write(Cpu + HardirqStackPointer, InterruptStackTop - 8);
        Write(Cpu + CeaExceptionStacks, ExceptionStacks);
        Write(Cpu + CpuTss + 4, ExceptionStacks + 0x8000);
        Write(Modules, Modules);
        Write(Modules + 8, Modules);
        AddCode(Schedule, stackRegister, 8);
        AddCode(Leaf, 5, 8);
        // push %rbp; mov %rsp,%rbp
        AddCode(Caller, 4, 16, 1, -16);
        AddCode(Entry, 5, 0, type: OrcType.Registers, isSignal: true);
        AddCode(RetFromFork, 0, 0, type: OrcType.EndOfStack);
    }

    public FakeMemory Memory { get; } = new(4 << 20);

    public KernelReader Reader { get; }

    public ulong FrameSize => _profile.SizeOf("inactive_task_frame");

    public ulong Offset(string type, string path) => _profile.Field(type, path).Offset;

    public void Write(ulong address, ulong value) => Memory.Write(Physical(address), value);

    public void Write(ulong address, ReadOnlySpan<byte> bytes) => bytes.CopyTo(Memory.Bytes.AsSpan((int)Physical(address)));

    public void Set(ulong structure, string type, string path, ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        Write(structure + Offset(type, path), bytes[..(int)_profile.Field(type, path).Size]);
    }

    /// <summary>A process with one thread, at the end of the list of tasks.</summary>
    public void AddTask(ulong task, uint pid)
    {
        // Its signal_struct lies behind it.
        var signal = task + 0x400;
        Set(task, "task_struct", "pid", pid);
        Set(task, "task_struct", "tgid", pid);
        Set(task, "task_struct", "group_leader", task);
        Set(task, "task_struct", "signal", signal);
        Link(task == InitTask ? 0 : InitTask + Offset("task_struct", "tasks"), task + Offset("task_struct", "tasks"));
        Link(0, signal + Offset("signal_struct", "thread_head"));
        Link(signal + Offset("signal_struct", "thread_head"), task + Offset("task_struct", "thread_node"));
    }

    /// <summary>Says how the code from an address on is unwound; from the lowest address up. Numbers as in orc_types.h.</summary>
    public void AddCode(
        ulong address, int spRegister, int spOffset, int bpRegister = 0, int bpOffset = 0, OrcType type = OrcType.Call,
        bool isSignal = false)
    {
        _code.Add((address, Bits(spRegister, bpRegister, type, isSignal), spOffset, bpOffset));
        WriteTable(Addresses, Entries, [.. _code.OrderBy(code => code.Address)]);
    }

    /// <summary>A table with an entry for one piece of code, elsewhere.</summary>
    public void WriteTable(ulong addresses, ulong entries, ulong code, int spRegister, int spOffset) =>
        WriteTable(addresses, entries, [(code, Bits(spRegister, 0, OrcType.Call, false), spOffset, 0)]);

    /// <summary>What `__switch_to_asm` leaves of a thread that waits; returns where the rest of its stack begins.</summary>
    public ulong Wait(ulong at, ulong returnAddress, ulong bp)
    {
        Set(Task, "task_struct", "thread.sp", at);
        Set(at, "inactive_task_frame", "bp", bp);
        Set(at, "inactive_task_frame", "ret_addr", returnAddress);
        return at + FrameSize;
    }

    /// <summary>Writes a `pt_regs`: each register has its own place in it as its value, where it is not given.</summary>
    public void WriteRegisters(ulong at, params (string Name, ulong Value)[] values)
    {
        for (var i = 0; i < s_registers.Length; i++)
        {
            var given = values.FirstOrDefault(value => value.Name == s_registers[i]);
            Write(at + (ulong)i * 8, given.Name is null ? s_registers[i] == "cs" ? 0x10UL : (ulong)i : given.Value);
        }
    }

    public VmiList<LinuxStackFrame> OfThread() => StackTrace.OfThread(Reader, new Va(Task));

    public VmiList<LinuxStackFrame> OfVcpu(ulong rip, ulong rsp, ulong rbp = 0, ushort cs = 0x10, ulong r10 = 0) =>
        StackTrace.OfVcpu(Reader, new Amd64Registers(Amd64RegisterGroups.General | Amd64RegisterGroups.Segments)
        {
            Rip = rip,
            Rsp = rsp,
            Rbp = rbp,
            R10 = r10,
            Cs = new SegmentDescriptor(cs, 0, 0, 0),
            Gs = new SegmentDescriptor(0, Cpu, 0, 0),
        });

    /// <summary>`INIT_LIST_HEAD` without a head, else `list_add_tail`.</summary>
    private void Link(ulong head, ulong node)
    {
        var list = head == 0 ? node : head;
        var last = head == 0 ? node : Read(head + 8);
        Write(node, list);
        Write(node + 8, last);
        Write(last, node);
        Write(list + 8, node);
    }

    private ulong Read(ulong address) => BinaryPrimitives.ReadUInt64LittleEndian(Memory.Bytes.AsSpan((int)Physical(address)));

    private static ulong Physical(ulong address) => address >= Image ? address - Image + ImageAt : address - DirectMap;

    private void WriteTable(ulong addresses, ulong entries, List<(ulong Address, ushort Bits, int Sp, int Bp)> code)
    {
        Span<byte> bytes = stackalloc byte[6];
        for (var i = 0; i < code.Count; i++)
        {
            var place = addresses + (ulong)i * 4;
            BinaryPrimitives.WriteInt32LittleEndian(bytes, (int)(code[i].Address - place));
            Write(place, bytes[..4]);
            BinaryPrimitives.WriteInt16LittleEndian(bytes, (short)code[i].Sp);
            BinaryPrimitives.WriteInt16LittleEndian(bytes[2..], (short)code[i].Bp);
            BinaryPrimitives.WriteUInt16LittleEndian(bytes[4..], code[i].Bits);
            Write(entries + (ulong)i * 6, bytes);
        }

        // The tables have room for 16; what is over lies behind all code.
        for (var i = code.Count; addresses == Addresses && i < 16; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes, (int)(TextEnd - (addresses + (ulong)i * 4)));
            Write(addresses + (ulong)i * 4, bytes[..4]);
        }
    }

    private ushort Bits(int spRegister, int bpRegister, OrcType type, bool isSignal)
    {
        if (_form == OrcForm.Renumbered)
            (spRegister, bpRegister) = (s_newerNumbers[spRegister], s_newerNumbers[bpRegister]);
        var bits = spRegister | bpRegister << 4;
        if (_form >= OrcForm.Signal)
            return (ushort)(bits | (int)type << 8 | (isSignal ? 1 << 11 : 0));
        bits |= type >= OrcType.Call ? (type - OrcType.Call) << 8 : 0;
        var end = type == OrcType.EndOfStack;
        return (ushort)(_form == OrcForm.End ? bits | (end ? 1 << 10 : 0) : bits | (isSignal ? 1 << 10 : 0) | (end ? 1 << 11 : 0));
    }

    /// <summary>A page of 2 MiB. The two tables below the root are at <paramref name="tables"/>.</summary>
    private void Map(ulong va, ulong pa, ulong tables)
    {
        Memory.Write(Root + (va >> 39 & 511) * 8, tables | 7);
        Memory.Write(tables + (va >> 30 & 511) * 8, (tables + 0x1000) | 7);
        Memory.Write(tables + 0x1000 + (va >> 21 & 511) * 8, pa | 0x87);
    }

    private static BtfTypes Types(OrcForm form, bool graphHasWords)
    {
        var btf = new BtfBuilder();
        var word = btf.Int("unsigned long", 8);
        var half = btf.Int("int", 4);
        var quarter = btf.Int("s16", 2, signed: true);
        var text = btf.Array(btf.Int("char", 1), 56);
        var list = btf.Struct("list_head", 16, ("next", word, 0), ("prev", word, 64));
        var node = btf.Struct("llist_node", 8, ("next", word, 0));
        var head = btf.Struct("llist_head", 8, ("first", word, 0));
        var graph = btf.Struct("ftrace_ret_stack", 40, ("ret", word, 0), ("func", word, 64), ("retp", word, 256));
        var graphs = btf.Ptr(graphHasWords ? word : graph);
        var thread = btf.Struct("thread_struct", 16, ("hole", word, 0), ("sp", word, 64));
        btf.Struct("task_struct", 0x200, ("stack", word, 64), ("on_cpu", half, 128), ("curr_ret_stack", half, 160),
            ("ret_stack", graphs, 192), ("rethooks", head, 256), ("thread", thread, 320),
            ("__state", half, 512), ("exit_state", half, 544), ("flags", half, 576),
            ("pid", half, 608), ("tgid", half, 640), ("mm", word, 704), ("real_parent", word, 768), ("group_leader", word, 832),
            ("signal", word, 896), ("real_cred", word, 960), ("start_boottime", word, 1024), ("comm", text, 1088), ("fs", word, 1536),
            ("tasks", list, 1600), ("thread_node", list, 1728), ("files", word, 1856));
        btf.Struct("signal_struct", 32, ("thread_head", list, 64));
        btf.Struct("inactive_task_frame", 56, ("r15", word, 0), ("bp", word, 320), ("ret_addr", word, 384));
        btf.Struct("rethook_node", 64, ("llist", node, 128), ("ret_addr", word, 256), ("frame", word, 320));
        btf.Struct("pt_regs", 168, [.. s_registers.Select((name, i) => (name, word, (uint)i * 64))]);
        btf.Struct("ftrace_ops", 64, ("next", word, 64), ("flags", word, 128), ("trampoline", word, 192), ("trampoline_size", word, 256));
        btf.Enum("", false, ("FTRACE_OPS_FL_SAVE_REGS", 4));
        var part = btf.Struct("module_memory", 16, ("base", word, 0), ("size", half, 64));
        var arch = btf.Struct("mod_arch_specific", 24, ("num_orcs", half, 0), ("orc_unwind_ip", word, 64), ("orc_unwind", word, 128));
        btf.Struct("module", 256, ("state", half, 0), ("list", list, 64), ("name", text, 192), ("taints", word, 640),
            ("mem", btf.Array(part, 3), 704), ("arch", arch, 1088), ("kallsyms", word, 1280));
        btf.Struct("mod_kallsyms", 32, ("symtab", word, 0), ("num_symtab", half, 64), ("strtab", word, 128));
        var stack = btf.Array(btf.Int("u8", 1), 0x1000);
        btf.Struct("cea_exception_stacks", 0x4000, ("DF_stack", stack, 0), ("NMI_stack", stack, 0x2000 * 8));
        btf.Struct("entry_stack", 0x1000, ("words", stack, 0));
        var state = btf.Struct("x86_hw_tss", 12, ("sp0", word, 32));
        btf.Struct("tss_struct", 12, ("x86_tss", state, 0));
        btf.Struct("irq_stack", 0x4000, ("stack", word, 0));
        if (form != OrcForm.None)
        {
            var fields = new List<(string, int, uint)>
            {
                ("sp_offset", quarter, 0), ("bp_offset", quarter, 16),
                ("sp_reg", half, BtfBuilder.BitField(32, 4)), ("bp_reg", half, BtfBuilder.BitField(36, 4)),
                ("type", half, BtfBuilder.BitField(40, form >= OrcForm.Signal ? 3u : 2)),
            };
            if (form != OrcForm.End)
                fields.Add(("signal", half, BtfBuilder.BitField(form >= OrcForm.Signal ? 43u : 42, 1)));
            if (form < OrcForm.Signal)
                fields.Add(("end", half, BtfBuilder.BitField(form == OrcForm.End ? 42u : 43, 1)));
            btf.BitStruct("orc_entry", 6, [.. fields]);
        }

        return BtfTypes.Parse(btf.Build());
    }

    private static SymbolTable Symbols(OrcForm form)
    {
        var builder = new KallsymsBuilder().Add(0, 'A', "fixed_percpu_data").Add(CurrentTask, 'A', "current_task")
            .Add(HardirqStackPointer, 'A', "hardirq_stack_ptr").Add(CeaExceptionStacks, 'A', "cea_exception_stacks")
            .Add(CpuTss, 'A', "cpu_tss_rw");
        builder.Add(Image, 'T', "_text").Add(Image, 'T', "_stext");
        for (var i = 0; i < 1500; i++)
            builder.Add(Image + 16 * (ulong)i, 'T', $"function_{i}");
        builder.Add(Schedule, 'T', "schedule").Add(Leaf, 'T', "leaf").Add(Caller, 'T', "caller").Add(Entry, 'T', "entry")
            .Add(RetFromFork, 'T', "ret_from_fork").Add(ReturnToHandler, 'T', "return_to_handler")
            .Add(RethookTrampoline, 'T', "arch_rethook_trampoline").Add(FtraceCaller, 'T', "ftrace_caller")
            .Add(FtraceRegsCaller, 'T', "ftrace_regs_caller").Add(TextEnd, 'T', "_etext");
        if (form != OrcForm.None)
            builder.Add(Addresses, 'R', "__start_orc_unwind_ip").Add(Addresses + 16 * 4, 'R', "__stop_orc_unwind_ip")
                .Add(Entries, 'R', "__start_orc_unwind").Add(Entries + 16 * 6, 'R', "__stop_orc_unwind");
        return builder.Add(InitTask, 'D', "init_task").Add(Modules, 'd', "modules")
            .Add(FtraceOpsList, 'D', "ftrace_ops_list").Add(PerCpuOffsets, 'D', "__per_cpu_offset")
            .Add(NrCpuIds, 'D', "nr_cpu_ids").Add(Image + 0x80000, 'B', "_end").Table();
    }
}
