using Vmi.Amd64;

namespace Vmi.Linux;

/// <summary>
/// Goes up a kernel stack frame by frame, as the kernel's own unwinder does (arch/x86/kernel/unwind_orc.c). Each step goes up on the same
/// stack, or to a stack that it was not on yet, so that it ends.
/// </summary>
internal sealed class StackUnwinder
{
    private const int MostFrames = 1024;
    private const string Switch = "__switch_to_asm";

    private readonly CodeMap _code;
    private readonly StackAreas _stacks;
    private readonly ReturnHooks _hooks;
    private readonly TrapFrameLayout _layout;
    private ulong _ip;
    private ulong _sp;
    private ulong _bp;

    // Whether the address is that of an instruction to come, not one behind a call.
    private bool _isExact;
    private bool _isReliable = true;
    private bool _isUserMode;

    // The registers as they are in this frame, where they are all known.
    private Amd64Registers? _registers;
    private LinuxTrapFrame? _interrupted;

    private StackUnwinder(KernelReader kernel, StackAreas stacks, ReturnHooks hooks)
    {
        _code = new CodeMap(kernel);
        _stacks = stacks;
        _hooks = hooks;
        _layout = kernel.Layouts.TrapFrame;
    }

    /// <summary>The frames from those registers on.</summary>
    public static VmiList<LinuxStackFrame> Walk(
        KernelReader kernel, StackAreas stacks, ReturnHooks hooks, Amd64Registers registers, bool isUserMode) =>
        new StackUnwinder(kernel, stacks, hooks)
        {
            _ip = registers.Rip,
            _sp = registers.Rsp,
            _bp = registers.Rbp,
            _isExact = true,
            _isUserMode = isUserMode,
            _registers = registers,
        }.Walk();

    /// <summary>The frames from a return address on.</summary>
    public static VmiList<LinuxStackFrame> Walk(KernelReader kernel, StackAreas stacks, ReturnHooks hooks, ulong ip, ulong sp, ulong bp)
    {
        var unwinder = new StackUnwinder(kernel, stacks, hooks) { _ip = ip, _sp = sp, _bp = bp };
        // A thread that has not run yet "returns" to the start of ret_from_fork.
        unwinder._isExact = unwinder._code.IsBeginning(new Va(ip));
        return unwinder.Walk();
    }

    private VmiList<LinuxStackFrame> Walk()
    {
        var frames = new List<LinuxStackFrame>();
        // It need not be on a stack: in the first instructions of a system call it is the program's, and nothing is read there.
        _stacks.TryEnter(_sp);
        SkipFilling();
        while (true)
        {
            frames.Add(Describe());
            if (_isUserMode)
                return new VmiList<LinuxStackFrame>(frames);
            if (frames.Count == MostFrames)
                return new VmiList<LinuxStackFrame>(frames, $"the stack has more than {MostFrames} frames");
            if (!TryStep(out var reason))
                return new VmiList<LinuxStackFrame>(frames, reason);
        }
    }

    /// <summary>
    /// The switch from a thread to another fills the CPU's return predictor by calls inside itself, which the tables know nothing of: each
    /// leaves an address of the same function on the stack.
    /// </summary>
    private void SkipFilling()
    {
        while (_isExact && _code.Resolve(new Va(_ip)).Symbol is { Name: Switch }
            && _stacks.TryRead(_sp, out var word) && _code.Resolve(new Va(word)).Symbol is { Name: Switch })
            _sp += sizeof(ulong);
    }

    private LinuxStackFrame Describe()
    {
        // A call that does not return may be the last instruction of its function: what is behind it is another's.
        var back = _isExact ? 0UL : 1;
        var (symbol, module) = _isUserMode ? (null, null) : _code.Resolve(new Va(_ip - back));
        return new LinuxStackFrame
        {
            Address = new Va(_ip),
            Symbol = symbol is { } found ? found with { Offset = found.Offset + back } : null,
            Module = module?.Name,
            ModuleOffset = module?.OffsetOf(new Va(_ip)),
            StackPointer = new Va(_sp),
            IsReliable = _isReliable,
            IsUserMode = _isUserMode,
            Interrupted = _interrupted,
        };
    }

    /// <summary>Goes to the caller; false at the end of the stack, with a reason if that was not reached.</summary>
    private bool TryStep(out string? reason)
    {
        var (area, sp) = (_stacks.Current, _sp);
        if (!TryLeave(out reason))
            return false;
        if (_isUserMode)
            return true;
        if (!_stacks.TryEnter(_sp))
            reason = $"the stack pointer {new Va(_sp)} is on no stack of the thread";
        else if (_stacks.Current == area && _sp <= sp)
            reason = $"the stack turns back at {new Va(sp)}";
        return reason is null;
    }

    private bool TryLeave(out string? reason)
    {
        var entry = OrcEntry.FramePointer;
        if (_code.UsesFramePointers)
        {
            // Entry code leaves zero, or the address of a pt_regs with bit 0 set.
            reason = null;
            if ((_bp & 1) != 0)
                return TryInterrupted(_bp & ~1UL, isWhole: true, out reason);
            if (_bp == 0)
                return false;
        }
        else if (_isExact && _code.IsBehindErrorEntry(_ip))
        {
            entry = OrcEntry.SavedRegisters;
        }
        else if (!_code.TryFind(_isExact ? _ip : _ip - 1, out entry))
        {
            // Generated code, such as BPF's: the kernel too takes it to keep a frame pointer.
            entry = OrcEntry.FramePointer;
            _isReliable = false;
        }

        if (entry.Type is OrcType.Undefined or OrcType.EndOfStack && _hooks.TryFindReturn(_ip, _sp, out var address, out var sp))
        {
            reason = null;
            (_ip, _sp, _isExact) = (address, sp, false);
            (_registers, _interrupted) = (null, null);
            return true;
        }

        reason = entry.Type == OrcType.Undefined ? $"the kernel says that its code at {new Va(_ip)} can't be unwound" : null;
        return entry.Type is not (OrcType.Undefined or OrcType.EndOfStack) && TryLeave(entry, out reason);
    }

    private bool TryLeave(OrcEntry entry, out string? reason)
    {
        var bp = _bp;
        if (!TryFindCaller(entry, out var caller))
        {
            reason = $"the frame of {new Va(_ip)} is not where the kernel says";
            return false;
        }

        var isThere = entry.Type == OrcType.Call
            ? TryReturn(caller, out reason)
            : TryInterrupted(caller, entry.Type == OrcType.Registers, out reason);
        if (!isThere)
            return false;
        _isExact = entry.IsSignal || _code.IsBeginning(new Va(_ip));
        if (!TryFindBp(entry, caller, bp))
            reason = $"the frame pointer below {new Va(caller)} is on no stack of the thread";
        return reason is null;
    }

    /// <summary>Goes to the code behind a call.</summary>
    private bool TryReturn(ulong caller, out string? reason)
    {
        var place = caller - sizeof(ulong);
        if (!_stacks.TryRead(place, out var address))
        {
            reason = $"the return address at {new Va(place)} is on no stack of the thread";
            return false;
        }

        reason = null;
        _ip = _hooks.Recover(address, place, out var isKnown);
        _isReliable &= isKnown;
        _sp = caller;
        (_registers, _interrupted) = (null, null);
        return true;
    }

    /// <summary>The caller's stack pointer, or the place of a `pt_regs`.</summary>
    private bool TryFindCaller(OrcEntry entry, out ulong caller)
    {
        var offset = (ulong)entry.SpOffset;
        caller = 0;
        switch (entry.SpRegister)
        {
            case OrcRegister.Sp:
                caller = _sp + offset;
                return true;
            case OrcRegister.Bp:
                caller = _bp + offset;
                return true;
            case OrcRegister.SpIndirect:
                if (!_stacks.TryRead(_sp, out caller))
                    return false;
                caller += offset;
                return true;
            case OrcRegister.BpIndirect:
                return _stacks.TryRead(_bp + offset, out caller);
            default:
                var value = entry.SpRegister switch
                {
                    OrcRegister.R10 => _registers?.R10,
                    OrcRegister.R13 => _registers?.R13,
                    OrcRegister.Di => _registers?.Rdi,
                    OrcRegister.Dx => _registers?.Rdx,
                    _ => null,
                };
                caller = value.GetValueOrDefault();
                return value.HasValue;
        }
    }

    private bool TryFindBp(OrcEntry entry, ulong caller, ulong own)
    {
        switch (entry.BpRegister)
        {
            case OrcRegister.Undefined:
                _bp = _registers?.Rbp ?? own;
                return true;
            case OrcRegister.PreviousSp:
                return _stacks.TryRead(caller + (ulong)entry.BpOffset, out _bp);
            case OrcRegister.Bp:
                return _stacks.TryRead(own + (ulong)entry.BpOffset, out _bp);
            default:
                return false;
        }
    }

    /// <summary>Goes to the code that was interrupted.</summary>
    private bool TryInterrupted(ulong at, bool isWhole, out string? reason)
    {
        // The CPU's part of a pt_regs is its end.
        var address = isWhole ? at : at - _layout.Ip.Offset;
        if (LinuxTrapFrame.TryRead(_stacks, _layout, address, isWhole) is not { } frame)
        {
            reason = $"the registers at {new Va(at)} are on no stack of the thread";
            return false;
        }

        reason = null;
        _interrupted = frame;
        _isUserMode = frame.IsUserMode;
        _sp = frame.StackPointer.Value;
        // At the first instruction of a handler the return address has just left the stack.
        _ip = _hooks.Recover(frame.InstructionPointer.Value, _sp - sizeof(ulong), out var isKnown);
        _isReliable &= isKnown;
        _isExact = true;
        // With only the CPU's part, the others have the values that they had when the handler began.
        if (frame.General is { } general)
        {
            _registers = general;
            _bp = general.Rbp;
        }

        return true;
    }
}
