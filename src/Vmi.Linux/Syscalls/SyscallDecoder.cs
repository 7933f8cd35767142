using System.Buffers.Binary;
using System.Text;
using Vmi.Amd64;

namespace Vmi.Linux;

/// <summary>
/// Turns the registers and memory of a call into values that people read. It keeps its buffers, so that one decoder serves one thread.
/// Nothing that the guest holds makes it throw: what is not there is said to be so.
/// </summary>
public sealed class SyscallDecoder
{
    private readonly LinuxSyscalls _syscalls;
    private readonly SyscallFrame _frame;
    private readonly StringBuilder _text = new();
    private readonly byte[] _registers;

    /// <summary>A decoder for the calls of one kernel.</summary>
    /// <param name="syscalls">Its calls.</param>
    /// <param name="options">How much is shown; null for 32 bytes of buffers and 32 elements of arrays, as strace(1) has it.</param>
    public SyscallDecoder(LinuxSyscalls syscalls, SyscallDecoderOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(syscalls);
        _syscalls = syscalls;
        _frame = new SyscallFrame(options ?? new SyscallDecoderOptions(), syscalls.Kernel.PagingMode);
        _registers = new byte[syscalls.Registers.Length];
    }

    /// <summary>Decodes the call that a vCPU is about to make: see <see cref="LinuxSyscalls.TryIdentify"/>.</summary>
    /// <param name="state">The vCPU.</param>
    /// <returns>Null if it stands at no call's beginning, or the caller's registers can't be read.</returns>
    /// <exception cref="VmiNotSupportedException">The source has no registers.</exception>
    public SyscallCall? Decode(VmiState<LinuxOs> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return _syscalls.TryIdentify((Amd64Registers)state.Registers, out var syscall, out var registers)
            ? Decode(state, syscall, registers)
            : null;
    }

    /// <summary>Decodes a call from the registers that the kernel saved when the program entered it.</summary>
    /// <param name="state">The vCPU, anywhere in the kernel while it serves this program: its root is that of the program's memory.</param>
    /// <param name="syscall">Which call it is.</param>
    /// <param name="callerRegisters">Where the caller's `struct pt_regs` is.</param>
    /// <returns>Null if they can't be read.</returns>
    /// <exception cref="VmiNotSupportedException">The source has no registers.</exception>
    public SyscallCall? Decode(VmiState<LinuxOs> state, LinuxSyscall syscall, Va callerRegisters)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(syscall);
        if (!callerRegisters.IsUpperHalf || !state.TryRead((callerRegisters, _syscalls.Kernel.TranslationRoot), _registers, out _))
            return null;

        var fields = syscall.Abi == SyscallAbi.X64 ? _syscalls.Registers.Arguments : _syscalls.Registers.Arguments32;
        var registers = default(SyscallRegisters);
        for (var i = 0; i < SyscallRegisters.Count; i++)
        {
            var value = ReadNumber(_registers.AsSpan((int)fields[i].Offset, (int)fields[i].Size));
            registers[i] = syscall.Abi == SyscallAbi.X64 ? value : (uint)value;
        }

        _frame.Begin(state, syscall, registers, result: null);
        var arguments = new SyscallArgument[Math.Min(syscall.Parameters.Count, SyscallRules.ShownArguments(syscall.Name, registers))];
        for (var i = 0; i < arguments.Length; i++)
            arguments[i] = DecodeArgument(syscall.Parameters[i], registers[i]);
        return new SyscallCall(syscall, arguments, registers);
    }

    /// <summary>Adds to a call what it returned, and decodes what the kernel wrote for the caller.</summary>
    /// <param name="call">The call.</param>
    /// <param name="state">A vCPU, still in the kernel, that runs the same thread as at the call's entry.</param>
    /// <param name="result">What the call's function returned: RAX at its return.</param>
    /// <exception cref="VmiNotSupportedException">The source has no registers.</exception>
    public void DecodeResult(SyscallCall call, VmiState<LinuxOs> state, long result)
    {
        ArgumentNullException.ThrowIfNull(call);
        ArgumentNullException.ThrowIfNull(state);
        _frame.Begin(state, call.Syscall, call.Registers, result);
        if (!Errno.IsError(result))
        {
            foreach (ref var argument in call.ArgumentSpan)
            {
                if (argument.Parameter.IsResult)
                    argument = DecodeArgument(argument.Parameter, argument.Value);
            }
        }

        _text.Clear();
        if (Errno.IsError(result))
            _text.Append("-1 ").Append(Errno.Name(result));
        else
            call.Syscall.ResultDecoder.Append(_frame, (ulong)result, _text);
        call.SetResult(result, _text.ToString());
    }

    private SyscallArgument DecodeArgument(LinuxSyscallParameter parameter, ulong value)
    {
        _text.Clear();
        _frame.BeginValue();
        if (parameter.IsResult && _frame.Result is null)
            AddressDecoder.AppendAddress(value, _text);
        else
            parameter.Decoder.Append(_frame, value, _text);
        return new SyscallArgument(parameter, value, _text.ToString(), _frame.Content, _frame.IsMissing);
    }

    private static ulong ReadNumber(ReadOnlySpan<byte> field)
    {
        Span<byte> value = stackalloc byte[sizeof(ulong)];
        value.Clear();
        field.CopyTo(value);
        return BinaryPrimitives.ReadUInt64LittleEndian(value);
    }
}
