using System.Buffers.Binary;

namespace Vmi.Linux;

/// <summary>Reads which system calls a kernel has, at which addresses, with which numbers and parameters.</summary>
internal sealed class SyscallTableReader
{
    private const int MostNumbers = 1024;
    private const string X64Prefix = "__x64_sys_";
    private const string Ia32Prefix = "__ia32_sys_";
    private const string CompatPrefix = "__ia32_compat_sys_";
    private const string MetadataPrefix = "__syscall_meta__";
    private const string NotThere = "ni_syscall";

    // What any call may have, for one of which nothing is known.
    private static readonly (string Type, string Name)[] SixNumbers =
        [.. Enumerable.Range(0, SyscallMetadataReader.MostParameters).Select(i => ("unsigned long", $"arg{i}"))];

    private readonly KernelReader _kernel;
    private readonly Shortfall _missing = new();
    private readonly Dictionary<Va, string> _x64 = [];
    private readonly Dictionary<Va, string> _ia32 = [];
    private readonly Dictionary<string, Va> _metadataAddresses = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SyscallMetadata?> _metadata = new(StringComparer.Ordinal);
    private readonly SyscallMetadataReader? _metadataReader;
    private readonly Lazy<SyscallPrototypes> _prototypes;

    private SyscallTableReader(KernelReader kernel)
    {
        _kernel = kernel;
        _prototypes = new Lazy<SyscallPrototypes>(() => new SyscallPrototypes(kernel.Kernel.Profile.Types));
        foreach (var symbol in kernel.Kernel.Profile.Symbols.All())
        {
            // Names with a dot are parts that the compiler split off.
            if (symbol.IsAbsolute || symbol.Name.Contains('.'))
                continue;
            if (symbol.Name.StartsWith(X64Prefix, StringComparison.Ordinal))
                _x64.TryAdd(symbol.Address, symbol.Name);
            else if (symbol.Name.StartsWith(Ia32Prefix, StringComparison.Ordinal)
                || symbol.Name.StartsWith(CompatPrefix, StringComparison.Ordinal))
                _ia32.TryAdd(symbol.Address, symbol.Name);
            else if (symbol.Name.StartsWith(MetadataPrefix, StringComparison.Ordinal))
                _metadataAddresses.TryAdd(symbol.Name[MetadataPrefix.Length..], symbol.Address);
        }

        if (_metadataAddresses.Count > 0 && kernel.Kernel.Profile.HasType("syscall_metadata"))
            _metadataReader = new SyscallMetadataReader(kernel);
    }

    public static LinuxSyscalls Read(KernelReader kernel)
    {
        using var operation = kernel.Memory.BeginOperation();
        return new SyscallTableReader(kernel).Read();
    }

    private LinuxSyscalls Read()
    {
        var numbers = ReadTable("sys_call_table", _x64);
        if (numbers.Count == 0)
            numbers = NumbersOfMetadata();
        if (numbers.Count == 0)
            _missing.Add("the kernel's table of system calls is not there");
        var all = new List<LinuxSyscall>();
        all.AddRange(numbers.Select(each => Make(SyscallAbi.X64, each.Number, _x64[each.Handler], each.Handler)));

        // Since 6.9 the numbers of 32-bit programs are in code only. Of two functions of one name they use the compatible one.
        var numbers32 = ReadTable("ia32_sys_call_table", _ia32);
        all.AddRange(numbers32.Count > 0
            ? numbers32.Select(each => Make(SyscallAbi.Ia32, each.Number, _ia32[each.Handler], each.Handler))
            : _ia32.Where(each => !IsNotThere(each.Value)).OrderBy(each => !IsCompat(each.Value)).ThenBy(each => each.Key)
                .Select(each => Make(SyscallAbi.Ia32, null, each.Value, each.Key)));
        return new LinuxSyscalls(_kernel, all, _missing.ToString());
    }

    /// <summary>
    /// A table of functions by number, which ends where an entry is no function of a call: every number without a call has one that says
    /// so.
    /// </summary>
    private List<(int Number, Va Handler)> ReadTable(string symbol, Dictionary<Va, string> handlers)
    {
        var found = new List<(int, Va)>();
        if (!_kernel.Kernel.Profile.TryGetSymbol(symbol, out var table))
            return found;
        Span<byte> entries = stackalloc byte[Frame.Size / 4];
        for (var number = 0; number < MostNumbers;)
        {
            // Pieces that end at page boundaries: the table's end is not known, and what follows may not be there.
            var at = table + (ulong)number * sizeof(ulong);
            var length = (int)Math.Min((ulong)entries.Length, Frame.Size - (at.Value & (Frame.Size - 1))) & ~(sizeof(ulong) - 1);
            if (length == 0 || !_kernel.TryRead(at, entries[..length]))
            {
                _missing.Add($"{symbol} is not there at {at}");
                break;
            }

            for (var offset = 0; offset < length; offset += sizeof(ulong), number++)
            {
                var handler = new Va(BinaryPrimitives.ReadUInt64LittleEndian(entries[offset..]));
                if (!handlers.TryGetValue(handler, out var name))
                    return found;
                if (!IsNotThere(name))
                    found.Add((number, handler));
            }
        }

        return found;
    }

    private static bool IsNotThere(string symbol) => symbol.EndsWith(NotThere, StringComparison.Ordinal);

    private static bool IsCompat(string symbol) => symbol.StartsWith(CompatPrefix, StringComparison.Ordinal);

    private List<(int Number, Va Handler)> NumbersOfMetadata() =>
        [.. _x64.Select(each => (Metadata(each.Value[X64Prefix.Length..])?.Number ?? -1, each.Key))
            .Where(each => each.Item1 is >= 0 and < MostNumbers).OrderBy(each => each.Item1)];

    private LinuxSyscall Make(SyscallAbi abi, int? number, string symbol, Va handler)
    {
        var isCompat = IsCompat(symbol);
        var name = symbol[(abi == SyscallAbi.X64 ? X64Prefix : isCompat ? CompatPrefix : Ia32Prefix).Length..];
        var known = Metadata(name)?.Parameters ?? _prototypes.Value.TryFind(name, isCompat);
        var parameters = known ?? SixNumbers;
        // A compatible call of which nothing is known may take other parameters than its namesake (`mmap`: one structure).
        var hasRules = known is not null || abi == SyscallAbi.X64;
        var programs = SyscallNames.OfPrograms(name, abi);
        return new LinuxSyscall
        {
            Abi = abi,
            Number = number,
            Name = programs,
            Symbol = symbol,
            Handler = handler,
            HasPrototype = known is not null,
            Parameters = [.. parameters.Select((each, i) => new LinuxSyscallParameter(
                each.Name, each.Type, (hasRules ? SyscallRules.Find(programs, i) : null)
                    ?? TypeRules.Choose(parameters, i, _kernel.Kernel.Profile)))],
            ResultDecoder = ResultRules.Find(programs),
        };
    }

    private SyscallMetadata? Metadata(string name)
    {
        if (_metadata.TryGetValue(name, out var known))
            return known;
        SyscallMetadata? found = null;
        if (_metadataReader is not null && _metadataAddresses.TryGetValue(name, out var address))
        {
            found = _metadataReader.TryRead(address, name);
            if (found is null)
                _missing.Add($"what the kernel says of {name} at {address} is not sound");
        }

        return _metadata[name] = found;
    }
}
