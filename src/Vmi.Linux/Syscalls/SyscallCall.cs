using System.Text;

namespace Vmi.Linux;

/// <summary>One call of a program, decoded: at its entry, and once it has returned its result too.</summary>
public sealed class SyscallCall
{
    private readonly SyscallArgument[] _arguments;
    private readonly SyscallRegisters _registers;

    internal SyscallCall(LinuxSyscall syscall, SyscallArgument[] arguments, SyscallRegisters registers)
    {
        Syscall = syscall;
        _arguments = arguments;
        _registers = registers;
    }

    /// <summary>Which call it is.</summary>
    public LinuxSyscall Syscall { get; }

    /// <summary>
    /// The arguments, without those at the end that mean nothing in this call (the mode of an `open` that creates no file). What the
    /// kernel writes is an address until <see cref="SyscallDecoder.DecodeResult"/>.
    /// </summary>
    public IReadOnlyList<SyscallArgument> Arguments => _arguments;

    /// <summary>What it returned; -4095 to -1 is an error's number, negated. Null until then.</summary>
    public long? Result { get; private set; }

    /// <summary>The result as strace(1) shows it: `3`, `0x7f12a4000000`, `-1 ENOENT`. Null until then.</summary>
    public string? ResultText { get; private set; }

    /// <summary>The name of the error that it returned: `ENOENT`; null if it returned none.</summary>
    public string? Error => Result is { } result && Errno.IsError(result) ? Errno.Name(result) : null;

    internal ref readonly SyscallRegisters Registers => ref _registers;

    internal Span<SyscallArgument> ArgumentSpan => _arguments;

    /// <summary>As strace(1) shows it: `openat(AT_FDCWD, "/etc/passwd", O_RDONLY|O_CLOEXEC) = 3`.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Syscall.Name).Append('(');
        for (var i = 0; i < _arguments.Length; i++)
            text.Append(i == 0 ? "" : ", ").Append(_arguments[i].Text);
        text.Append(')');
        return (ResultText is null ? text : text.Append(" = ").Append(ResultText)).ToString();
    }

    internal void SetResult(long result, string text)
    {
        Result = result;
        ResultText = text;
    }
}
