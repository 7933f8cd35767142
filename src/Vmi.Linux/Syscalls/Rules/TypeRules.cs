using Vmi.Symbols;

namespace Vmi.Linux;

/// <summary>
/// How a parameter is shown, by its C type and name as the kernel declares them, and by the parameter behind it, which of a buffer is its
/// length. What these don't tell is in <see cref="SyscallRules"/>.
/// </summary>
internal static class TypeRules
{
    // Names of paths in the kernel's source; a `const char *` with another name is some other text.
    private static readonly string[] PathNames = ["path", "file", "dir", "oldname", "newname", "new_root", "put_old", "library"];

    private const string Constant = "const ";
    private const string ConstantPointer = "*const";

    public static ValueDecoder Choose(IReadOnlyList<(string Type, string Name)> parameters, int index, Profile profile)
    {
        var (type, name) = (Plain(parameters[index].Type), parameters[index].Name);
        var (nextType, nextName) = index + 1 < parameters.Count
            ? (Plain(parameters[index + 1].Type), parameters[index + 1].Name)
            : ("", "");
        if (type.EndsWith('*'))
            return ChoosePointer(type, name, nextType, nextName, index);
        return type switch
        {
            "umode_t" or "mode_t" => OctalDecoder.Instance,
            "clockid_t" => SyscallRules.Clock,
            _ when IsDescriptor(type, name) => DescriptorDecoder.Instance,
            "int" when name is "sig" or "signum" => SyscallRules.Signal,
            // Owners: -1 leaves them as they are.
            "uid_t" or "gid_t" => IntegerDecoder.Int,
            "unsigned long" when name is "addr" or "start" or "brk" or "vmaddr" => AddressDecoder.Instance,
            _ when IntegerTypes.TryFind(profile, type, out var size, out var isSigned) =>
                !name.Contains("flags", StringComparison.Ordinal) ? new IntegerDecoder(size, isSigned)
                : size == sizeof(int) ? HexDecoder.UInt : HexDecoder.ULong,
            _ when IsPointer(profile, type) => AddressDecoder.Instance,
            _ => HexDecoder.ULong,
        };
    }

    private static ValueDecoder ChoosePointer(string type, string name, string nextType, string nextName, int index) => type switch
    {
        "const char *" when IsLength(nextType, nextName) && IsBuffer(name) => new BufferDecoder(index + 1, atReturn: false),
        "const char *" => IsPath(name) ? StringDecoder.Path : StringDecoder.Text,
        "const void *" when IsLength(nextType, nextName) => new BufferDecoder(index + 1, atReturn: false),
        "char *" when IsPath(name) => StringDecoder.Path,
        "char *" or "void *" when IsLength(nextType, nextName) => new BufferDecoder(index + 1, atReturn: true),
        "const char *const *" => StringArrayDecoder.Instance,
        "struct sockaddr *" when nextType == "int" => new SocketAddressDecoder(index + 1),
        "struct sockaddr *" when nextType == "int *" => new SocketAddressDecoder(index + 1, atReturn: true),
        "const struct iovec *" when !nextType.EndsWith('*') => new VectorDecoder(index + 1),
        "struct user_msghdr *" => new MessageDecoder(atReturn: false),
        "const struct __kernel_timespec *" or "struct __kernel_timespec *" => new TimeDecoder("tv_nsec"),
        "const struct old_timespec32 *" or "struct old_timespec32 *" => new TimeDecoder("tv_nsec", sizeof(int)),
        "struct __kernel_old_timeval *" => new TimeDecoder("tv_usec"),
        "struct pollfd *" => new PollDecoder(index + 1),
        "const sigset_t *" => new SignalSetDecoder(),
        "loff_t *" => new NumbersDecoder(1, sizeof(long), atReturn: false),
        _ => AddressDecoder.Instance,
    };

    /// <summary>
    /// Without `__user` and attributes, which some builds leave in the text, without `const` of the parameter itself, and with one blank
    /// before an asterisk.
    /// </summary>
    private static string Plain(string type)
    {
        var words = type.Replace("__user", "", StringComparison.Ordinal).Replace("*", " *", StringComparison.Ordinal)
            .Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var plain = string.Join(' ', words.Where(word => !word.StartsWith("__attribute__", StringComparison.Ordinal)))
            .Replace("* const", "*const", StringComparison.Ordinal);
        if (plain.EndsWith(ConstantPointer, StringComparison.Ordinal))
            return plain[..^(ConstantPointer.Length - 1)];
        return plain.EndsWith('*') || !plain.StartsWith(Constant, StringComparison.Ordinal) ? plain : plain[Constant.Length..];
    }

    /// <summary>Whether a type is another name of a pointer: `cap_user_header_t`.</summary>
    private static bool IsPointer(Profile profile, string type) =>
        profile.Types.TryFind(type, out var named) && profile.Types.TrySkipModifiers(named.Id, out var found) && found.Kind == BtfKind.Ptr;

    private static bool IsPath(string name) => Array.Exists(PathNames, name.Contains);

    private static bool IsDescriptor(string type, string name) =>
        type is "int" or "unsigned int" or "__s32" or "unsigned long" or "mqd_t"
        && (name is "fildes" or "mqdes" || name.EndsWith("fd", StringComparison.Ordinal) || name.StartsWith("fd_", StringComparison.Ordinal)
            || name is "fdin" or "fdout");

    private static bool IsLength(string type, string name) =>
        type is "size_t" or "unsigned int" or "int" or "unsigned long"
        && (type == "size_t" || name.Contains("siz", StringComparison.Ordinal) || name.Contains("len", StringComparison.Ordinal)
            || name is "count");

    private static bool IsBuffer(string name) =>
        name.Contains("buf", StringComparison.Ordinal) || name.Contains("msg", StringComparison.Ordinal);
}
