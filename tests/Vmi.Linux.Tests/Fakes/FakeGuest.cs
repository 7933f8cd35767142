using System.Buffers.Binary;
using System.Text;
using Vmi.Symbols;
using Vmi.Symbols.Tests;

namespace Vmi.Linux.Tests.Fakes;

/// <summary>
/// A guest of 8 MiB made by hand: page tables with 2 MiB pages (Intel SDM volume 3, 4.5), a kernel image with symbols, a direct map in
/// which structures are put one behind the other.
/// </summary>
internal sealed class FakeGuest
{
    public const ulong DirectMap = 0xffff_8880_0000_0000;
    public const ulong Image = KallsymsBuilder.Base;
    public const ulong InitTask = Image + 0x10000;
    public const ulong Modules = Image + 0x11000;
    public const ulong Prb = Image + 0x12000;
    public const ulong TkCore = Image + 0x13000;
    public const ulong PerCpuOffsets = Image + 0x14000;
    public const ulong NrCpuIds = Image + 0x15000;
    public const ulong SimpleName = Image + 0x16000;
    public const ulong SysExecve = Image + 0x17000;
    public const ulong InitPidNamespace = Image + 0x18000;
    public const ulong SpecialMappingName = Image + 0x19000;
    public const ulong CommandLine = Image + 0x1a000;
    public const ulong UtsNamespace = Image + 0x1b000;
    public const ulong KernelText = Image + 0x6000;
    public const ulong Handler = KernelText + 0x100;
    public const ulong TextEnd = KernelText + 0x1000;
    public const ulong SyscallTable = Image + 0x1c000;
    public const ulong InterruptTable = SyscallTable + 0x40;
    public const ulong TcpHash = InterruptTable + 0x2000;
    public const ulong PcpuHot = 0x2000;
    public const ulong CeaOffset = 0x3000;
    public const ulong PageArray = DirectMap + 0x38_0000;
    private const int Length = 8 << 20;
    private const ulong ImageAt = 4 << 20;
    private const ulong Root = 0x1000;
    private const ulong UserRoot = 0x2000;

    private readonly Profile _profile;
    private ulong _next = 0x10000;

    public FakeGuest(bool isOld = false, VmiLimits? limits = null)
    {
        MapLarge(Root, DirectMap, 0, 0x5000);
        MapLarge(Root, DirectMap + (2 << 20), 2 << 20, 0x5000);
        MapLarge(Root, Image, ImageAt, 0x7000);
        _profile = new Profile(new FakeTypes(isOld).Build(), Symbols(), new KernelIdentity("Linux version 0 (fake)", null));
        Core = new VmiCore(Memory, new VmiCoreOptions { Limits = limits ?? VmiLimits.Default });
        Kernel = new LinuxKernel
        {
            Profile = _profile,
            ImageBase = new Va(Image),
            ImageEnd = new Va(Image + 0x40000),
            ImagePhysicalBase = new Pa(ImageAt),
            TranslationRoot = new Pa(Root),
            PagingMode = PagingMode.FourLevel,
            PageTableIsolation = true,
            Banner = "Linux version 0 (fake)",
            DirectMapBase = new Va(DirectMap),
            PageArrayBase = new Va(PageArray),
            FoundBy = "hand",
        };
        Os = new LinuxOs(Core, Kernel);
        LinkEmpty(InitTask + Offset("task_struct", "tasks"));
        WriteTask(InitTask, 0, "swapper/0");
        LinkEmpty(Modules);
    }

    public FakeMemory Memory { get; } = new(Length);

    public VmiCore Core { get; }

    public LinuxKernel Kernel { get; }

    public LinuxOs Os { get; }

    /// <summary>Bytes of the direct map from 64 KiB on in which there are structures.</summary>
    public int Used => (int)_next - 0x10000;

    public VmiSession<LinuxOs> Session => new(Core, Os);

    public static ulong Physical(ulong address) => address >= Image ? address - Image + ImageAt : address - DirectMap;

    public ulong Offset(string name, string path) => _profile.Field(name, path).Offset;

    /// <summary>Room for a structure, on cleared memory, aligned as the kernel aligns.</summary>
    public ulong Allocate(ulong size, ulong alignment = 16)
    {
        _next = (_next + alignment - 1) & ~(alignment - 1);
        var at = DirectMap + _next;
        _next += size;
        return at;
    }

    public ulong Allocate(string type) => Allocate(_profile.SizeOf(type));

    public void Write(ulong address, ulong value) => Memory.Write(Physical(address), value);

    public void Write(ulong address, ReadOnlySpan<byte> bytes) => bytes.CopyTo(Memory.Bytes.AsSpan((int)Physical(address)));

    public ulong Read(ulong address) => BinaryPrimitives.ReadUInt64LittleEndian(Memory.Bytes.AsSpan((int)Physical(address)));

    public void Set(ulong structure, string type, string path, ulong value)
    {
        var field = _profile.Field(type, path);
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        Write(structure + field.Offset, bytes[..(int)field.Size]);
    }

    public ulong Text(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text + "\0");
        var at = Allocate((ulong)bytes.Length);
        Write(at, bytes);
        return at;
    }

    public void Remove(ulong address) => Memory.Remove(new Pa(Physical(address)));

    public void LinkEmpty(ulong head)
    {
        Write(head, head);
        Write(head + 8, head);
    }

    /// <summary>`list_add_tail`.</summary>
    public void LinkLast(ulong head, ulong node)
    {
        var last = Read(head + 8);
        Write(last, node);
        Write(node, head);
        Write(node + 8, last);
        Write(head + 8, node);
    }

    /// <summary>A process with one thread, at the end of the list of tasks. It has no memory of its own.</summary>
    public ulong AddProcess(uint pid, string name, ulong parent = InitTask)
    {
        var task = Allocate("task_struct");
        WriteTask(task, pid, name);
        Set(task, "task_struct", "real_parent", parent);
        LinkLast(InitTask + Offset("task_struct", "tasks"), task + Offset("task_struct", "tasks"));
        return task;
    }

    public ulong AddThread(ulong leader, uint pid, string name)
    {
        var task = Allocate("task_struct");
        WriteTask(task, pid, name);
        Set(task, "task_struct", "tgid", Read(leader + Offset("task_struct", "tgid")) & uint.MaxValue);
        Set(task, "task_struct", "group_leader", leader);
        var signal = Read(leader + Offset("task_struct", "signal"));
        Set(task, "task_struct", "signal", signal);
        LinkLast(signal + Offset("signal_struct", "thread_head"), task + Offset("task_struct", "thread_node"));
        return task;
    }

    /// <summary>Gives a process an address space, whose lower half maps physical 0 to 2 MiB at address 0 for user mode too.</summary>
    public ulong AddSpace(ulong task)
    {
        var mm = Allocate("mm_struct");
        MapLarge(UserRoot, 0, 0, 0x9000);
        Set(mm, "mm_struct", "pgd", DirectMap + UserRoot);
        Set(task, "task_struct", "mm", mm);
        return mm;
    }

    public ulong AddArea(ulong mm, ulong start, ulong end, ulong flags)
    {
        var area = Allocate("vm_area_struct");
        Set(area, "vm_area_struct", "vm_start", start);
        Set(area, "vm_area_struct", "vm_end", end);
        Set(area, "vm_area_struct", "vm_flags", flags);
        Set(area, "vm_area_struct", "vm_mm", mm);
        return area;
    }

    private void WriteTask(ulong task, uint pid, string name)
    {
        Set(task, "task_struct", "pid", pid);
        Set(task, "task_struct", "tgid", pid);
        Set(task, "task_struct", "group_leader", task);
        Set(task, "task_struct", "real_parent", InitTask);
        var text = Encoding.UTF8.GetBytes(name);
        Write(task + Offset("task_struct", "comm"), text.AsSpan(0, Math.Min(16, text.Length)));
        var signal = Allocate("signal_struct");
        Set(task, "task_struct", "signal", signal);
        LinkEmpty(signal + Offset("signal_struct", "thread_head"));
        LinkLast(signal + Offset("signal_struct", "thread_head"), task + Offset("task_struct", "thread_node"));
    }

    /// <summary>Maps a page of 2 MiB. The two tables below the root are at <paramref name="tables"/>.</summary>
    private void MapLarge(ulong root, ulong va, ulong pa, ulong tables)
    {
        Memory.Write(root + (va >> 39 & 511) * 8, tables | 7);
        Memory.Write(tables + (va >> 30 & 511) * 8, (tables + 0x1000) | 7);
        Memory.Write(tables + 0x1000 + (va >> 21 & 511) * 8, pa | 0x87);
    }

    private static SymbolTable Symbols()
    {
        var builder = new KallsymsBuilder().Add(0, 'A', "fixed_percpu_data")
            .Add(PcpuHot, 'A', "pcpu_hot").Add(CeaOffset, 'A', "_cea_offset");
        builder.Add(Image, 'T', "_text");
        for (var i = 0; i < 1500; i++)
            builder.Add(Image + 16 * (ulong)i, 'T', $"function_{i}");
        builder.Add(KernelText, 'T', "_stext").Add(Handler, 't', "handler").Add(TextEnd, 'T', "_etext");
        return builder.Add(InitTask, 'D', "init_task").Add(Modules, 'd', "modules").Add(Prb, 'd', "prb").Add(TkCore, 'd', "tk_core")
            .Add(PerCpuOffsets, 'D', "__per_cpu_offset").Add(NrCpuIds, 'D', "nr_cpu_ids").Add(SimpleName, 'T', "simple_dname")
            .Add(SysExecve, 'T', "__x64_sys_execve").Add(InitPidNamespace, 'D', "init_pid_ns")
            .Add(SpecialMappingName, 't', "special_mapping_name")
            .Add(CommandLine, 'D', "saved_command_line").Add(UtsNamespace, 'D', "init_uts_ns")
            .Add(SyscallTable, 'D', "sys_call_table").Add(InterruptTable, 'D', "idt_table").Add(TcpHash, 'D', "tcp_hashinfo").Add(Image + 0x40000, 'B', "_end").Table();
    }
}
