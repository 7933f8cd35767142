using System.Buffers.Binary;
using System.Text;
using Vmi.Amd64;
using Vmi.Linux.Tests.Fakes;
using Vmi.Symbols;
using Vmi.Symbols.Tests;

namespace Vmi.Linux.Tests.Syscalls;

/// <summary>
/// A guest made by hand with a table of system calls, what the kernel says of them, and one process whose memory is 2 MiB at
/// <see cref="User"/>; what lies above it is not mapped.
/// </summary>
internal sealed class SyscallGuest
{
    public const ulong User = 0x400000;
    public const ulong UserEnd = 0x600000;
    public const ulong Image = KallsymsBuilder.Base;
    public const ulong Table = Image + 0x10000;
    public const ulong Registers = Image + 0x11000;
    public const ulong Handlers = Image + 0x12000;
    public const ulong Metadata = Image + 0x18000;
    public const ulong Dispatcher = Image + 0x17000;
    private const ulong ImageEnd = Image + 0x40000;
    private const ulong ImageAt = 4 << 20;
    private const ulong UserAt = 6 << 20;
    private const ulong Root = 0x1000;
    private const int Handler = 0x20;
    private const int Structure = 64;

    private readonly VmiSession<LinuxOs> _session;
    private ulong _text = Image + 0x20000;
    private ulong _user = User + 0x100000;

    /// <param name="hasMetadata">Whether the kernel says what parameters its calls have.</param>
    /// <param name="declarations">The calls in the order of their numbers, as C declares them.</param>
    public SyscallGuest(bool hasMetadata, params string[] declarations)
    {
        MapLarge(Image, ImageAt, 0x5000);
        MapLarge(User, UserAt, 0x7000);
        var calls = declarations.Select(Parse).ToArray();
        var core = new VmiCore(Memory);
        _session = new VmiSession<LinuxOs>(core, new LinuxOs(core, new LinuxKernel
        {
            Profile = new Profile(Types(), Symbols(calls, hasMetadata), new KernelIdentity("Linux version 0 (fake)", null)),
            ImageBase = new Va(Image),
            ImageEnd = new Va(ImageEnd),
            ImagePhysicalBase = new Pa(ImageAt),
            TranslationRoot = new Pa(Root),
            PagingMode = PagingMode.FourLevel,
            PageTableIsolation = false,
            Banner = "Linux version 0 (fake)",
            DirectMapBase = new Va(0xffff_8880_0000_0000),
            PageArrayBase = new Va(0xffff_ea00_0000_0000),
            FoundBy = "hand",
        }));
        for (var i = 0; i < calls.Length; i++)
        {
            Write(Table + 8 * (ulong)i, Handlers + (ulong)(Handler * i));
            WriteMetadata(Metadata + (ulong)(Structure * i), calls[i]);
        }

        State = _session.WithRegisters(Vcpu);
    }

    public FakeMemory Memory { get; } = new(8 << 20);

    public Amd64Registers Vcpu { get; } = new(
        Amd64RegisterGroups.General | Amd64RegisterGroups.Control | Amd64RegisterGroups.Efer | Amd64RegisterGroups.Segments)
    {
        Cr0 = 0x8000_0001,
        Cr3 = Root,
        Cr4 = 0x20,
        Efer = 0xd00,
    };

    public VmiState<LinuxOs> State { get; }

    public LinuxSyscalls Read()
    {
        Refresh();
        return _session.UnderlyingOs.Syscalls();
    }

    /// <summary>Makes what was written since count: this is no live VM, whose memory changes by itself.</summary>
    public void Refresh()
    {
        _session.Core.FlushGfnCache();
        _session.Core.FlushV2PCache();
    }

    public void Write(ulong address, ulong value) => Memory.Write(Physical(address), value);

    public void Write(ulong address, ReadOnlySpan<byte> bytes) => bytes.CopyTo(Memory.Bytes.AsSpan((int)Physical(address)));

    /// <summary>Puts bytes into the process's memory.</summary>
    public ulong Put(params byte[] bytes)
    {
        var at = _user;
        Write(at, bytes);
        _user += (ulong)(bytes.Length + 15) & ~15UL;
        return at;
    }

    public ulong PutWords(params ulong[] words) => Put([.. words.SelectMany(BitConverter.GetBytes)]);

    public ulong PutText(string text) => Put(Encoding.UTF8.GetBytes(text + "\0"));

    /// <summary>Makes the vCPU stand at a call's function.</summary>
    public void Enter(Va handler, params ReadOnlySpan<ulong> arguments)
    {
        Memory.Bytes.AsSpan((int)Physical(Registers), 0x80).Clear();
        // The places of di, si, dx, r10, r8, r9 in the pt_regs of Types.
        for (var i = 0; i < arguments.Length; i++)
            Write(Registers + (ulong)(i + 1) * 8, arguments[i]);
        Vcpu.Rip = handler.Value;
        Vcpu.Rdi = Registers;
        Refresh();
    }

    private static ulong Physical(ulong address) => address >= Image ? address - Image + ImageAt : address - User + UserAt;

    private static (string Name, (string Type, string Name)[] Parameters) Parse(string declaration)
    {
        var open = declaration.IndexOf('(', StringComparison.Ordinal);
        var parameters = declaration[(open + 1)..^1].Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(each =>
        {
            var end = each.LastIndexOfAny([' ', '*']) + 1;
            return (each[..end].TrimEnd(), each[end..]);
        });
        return (declaration[..open], [.. parameters]);
    }

    private static BtfTypes Types()
    {
        var btf = new BtfBuilder();
        var word = btf.Int("unsigned long", 8);
        var number = btf.Int("int", 4, signed: true);
        var names = new[] { "bx", "di", "si", "dx", "r10", "r8", "r9", "cx", "bp" };
        btf.Struct("pt_regs", 0x80, [.. names.Select((name, i) => (name, word, (uint)i * 64))]);
        btf.Struct("syscall_metadata", Structure,
            ("args", word, 0), ("name", word, 64), ("types", word, 128), ("nb_args", number, 192), ("syscall_nr", number, 224));
        btf.Simple(BtfKind.Typedef, "size_t", word);
        btf.Simple(BtfKind.Typedef, "loff_t", btf.Int("long long", 8, signed: true));
        btf.Simple(BtfKind.Typedef, "pid_t", number);
        btf.Simple(BtfKind.Typedef, "cap_user_header_t", btf.Ptr(number));
        var prototype = btf.FuncProto(word, ("first", number), ("second", btf.Ptr(number)));
        btf.Simple(BtfKind.Func, "__do_sys_unknown", prototype);
        return BtfTypes.Parse(btf.Build());
    }

    private static SymbolTable Symbols((string Name, (string, string)[])[] calls, bool hasMetadata)
    {
        var builder = new KallsymsBuilder().Add(0, 'A', "fixed_percpu_data").Add(Image, 'T', "_text");
        for (var i = 0; i < 1500; i++)
            builder.Add(Image + 16 * (ulong)i, 'T', $"function_{i}");
        builder.Add(Table, 'D', "sys_call_table");
        for (var i = 0; i < calls.Length; i++)
        {
            builder.Add(Handlers + (ulong)(Handler * i), 'T', $"__ia32_sys_{calls[i].Name}");
            builder.Add(Handlers + (ulong)(Handler * i), 'T', $"__x64_sys_{calls[i].Name}");
        }

        builder.Add(Dispatcher, 'T', "do_syscall_64");
        for (var i = 0; hasMetadata && i < calls.Length; i++)
            builder.Add(Metadata + (ulong)(Structure * i), 'd', $"__syscall_meta__{calls[i].Name}");
        return builder.Add(ImageEnd, 'B', "_end").Table();
    }

    private void WriteMetadata(ulong at, (string Name, (string Type, string Name)[] Parameters) call)
    {
        Span<byte> numbers = stackalloc byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(numbers, call.Parameters.Length);
        BinaryPrimitives.WriteInt32LittleEndian(numbers[4..], (int)(at - Metadata) / Structure);
        Write(at, Pointers(call.Parameters.Select(each => each.Name)));
        Write(at + 8, KernelText("sys_" + call.Name));
        Write(at + 16, Pointers(call.Parameters.Select(each => each.Type)));
        Write(at + 24, numbers);
    }

    private ulong Pointers(IEnumerable<string> texts)
    {
        var pointers = texts.Select(KernelText).ToArray();
        _text = (_text + 7) & ~7UL;
        var at = _text;
        foreach (var pointer in pointers)
        {
            Write(_text, pointer);
            _text += 8;
        }

        return at;
    }

    private ulong KernelText(string text)
    {
        var at = _text;
        Write(at, Encoding.UTF8.GetBytes(text + "\0"));
        _text += (ulong)text.Length + 1;
        return at;
    }

    /// <summary>Maps a page of 2 MiB for everybody.</summary>
    private void MapLarge(ulong va, ulong pa, ulong tables)
    {
        Memory.Write(Root + (va >> 39 & 511) * 8, tables | 7);
        Memory.Write(tables + (va >> 30 & 511) * 8, (tables + 0x1000) | 7);
        Memory.Write(tables + 0x1000 + (va >> 21 & 511) * 8, pa | 0x87);
    }
}
