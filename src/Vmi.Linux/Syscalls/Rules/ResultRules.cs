namespace Vmi.Linux;

/// <summary>How results are shown that are no plain numbers.</summary>
internal static class ResultRules
{
    private static readonly HexDecoder Address = HexDecoder.ULong;
    private static readonly FlagsResultDecoder Open = new(FileConstants.Open);
    private static readonly FlagsResultDecoder CloseOnExec = new(FileConstants.CloseOnExec);

    private static readonly ByArgumentDecoder Control = new(SyscallValueKind.Integer, argument: 1, static command =>
        FileConstants.Control.TryGetName(command, out var name) ? name switch
        {
            "F_GETFL" => Open,
            "F_GETFD" => CloseOnExec,
            _ => IntegerDecoder.Int,
        }
        : IntegerDecoder.Int);

    public static ValueDecoder Find(string syscall) => syscall switch
    {
        "mmap" or "mmap2" or "mmap_pgoff" or "brk" or "mremap" or "shmat" => Address,
        "umask" => OctalDecoder.Instance,
        "fcntl" => Control,
        _ => IntegerDecoder.Long,
    };
}
