using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>The parameters of system calls out of BTF, for a kernel without `struct syscall_metadata`.</summary>
/// <remarks>
/// `__do_sys_NAME` has the real types but is mostly inlined; `__se_sys_NAME` has the names, and `long` for every type. BTF has those that
/// the compiler left as functions.
/// </remarks>
internal sealed class SyscallPrototypes
{
    private static readonly string[] Prefixes = ["__do_sys_", "__se_sys_", "__do_compat_sys_", "__se_compat_sys_"];

    private readonly BtfTypes _types;
    private readonly Dictionary<string, int> _functions = new(StringComparer.Ordinal);

    public SyscallPrototypes(BtfTypes types)
    {
        _types = types;
        for (var id = 1; id < types.Count; id++)
        {
            if (types[id] is { Kind: BtfKind.Func } function && Array.Exists(Prefixes, function.Name.StartsWith))
                _functions.TryAdd(function.Name, function.TargetId);
        }
    }

    /// <summary>Type and name of each parameter; null if BTF has no such function.</summary>
    /// <param name="name">The call, without `sys_`.</param>
    /// <param name="isCompat">Whether the one for 32-bit programs is meant.</param>
    public IReadOnlyList<(string Type, string Name)>? TryFind(string name, bool isCompat)
    {
        foreach (var prefix in isCompat ? Prefixes.Skip(2) : Prefixes.Take(2))
        {
            if (!_functions.TryGetValue(prefix + name, out var id) || _types[id] is not { Kind: BtfKind.FuncProto } prototype
                || prototype.ElementCount > SyscallMetadataReader.MostParameters)
                continue;
            var parameters = Enumerable.Range(0, prototype.ElementCount).Select(prototype.Parameter)
                .Select(each => (Type: _types.TypeName(each.TypeId), each.Name)).ToArray();
            // A call without parameters gets the registers all the same, and does not look.
            return parameters is [{ Type: "const struct pt_regs *" }] ? [] : parameters;
        }

        return null;
    }
}
