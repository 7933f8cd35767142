using Vmi.Amd64;

namespace Vmi.Qemu;

/// <summary>
/// A running, unpatched QEMU: its monitor for layout, registers and control, its process for memory. Reading is possible from any
/// thread. Disposing of it resumes a VM that it paused.
/// </summary>
public sealed partial class QemuDriver : IVmiRead, IVmiWrite, IVmiQueryRegisters, IVmiSetRegisters, IVmiControl, IVmiEvents, INativeBreakpoints
{
    private readonly QemuTarget _target;
    private readonly IQemuMonitor _monitor;
    private readonly HostProcess _process;
    private readonly GuestMemory _memory;
    private readonly QemuOptions _options;
    private readonly bool _kvm;
    private readonly Lock _control = new();
    private IReadOnlyList<Amd64Registers>? _registersOfPause;
    private (int Resets, int Resumes) _momentOfRegisters;
    private int _pauses;
    private bool _stoppedByUs;
    private volatile int _resetsSeen;
    private volatile bool _disposed;

    private QemuDriver(QemuTarget target, IQemuMonitor monitor, HostProcess process, GuestMemory memory, QemuOptions options, bool kvm)
    {
        _target = target;
        _monitor = monitor;
        _process = process;
        _memory = memory;
        _options = options;
        _kvm = kvm;
        _resetsSeen = monitor.ResetCount;
        Name = $"QEMU {(monitor.GuestName() is { } name ? name + " " : "")}(pid {process.Pid})";
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public Architecture Architecture => Amd64Architecture.Instance;

    /// <inheritdoc/>
    public bool IsLive => true;

    /// <summary>The QEMU process.</summary>
    public int Pid => _process.Pid;

    /// <summary>Whether the guest runs on KVM; else its code is translated (TCG).</summary>
    public bool IsKvm => _kvm;

    /// <summary>How guest memory is read, and why not in a better way; one line for people.</summary>
    public string MemorySource => _memory.Source;

    /// <summary>The size of the machine. Reads its memory layout anew, which the guest changes while it boots.</summary>
    /// <exception cref="VmiDriverException">The VM is gone.</exception>
    public VmiInfo Info
    {
        get
        {
            ThrowIfDisposed();
            _memory.Refresh();
            var last = MemoryMap[^1];
            return new VmiInfo((last.End + ulong.MaxValue).Gfn, _monitor.Vcpus().Count);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<PhysicalRange> MemoryMap
    {
        get
        {
            ThrowIfDisposed();
            return _memory.Layout.MemoryMap;
        }
    }

    /// <summary>
    /// Attaches. The VM is not changed and goes on running. What a Vmi that was killed has left in it (breakpoints, a stop) is undone.
    /// </summary>
    /// <param name="target">Which VM; see <see cref="QemuTarget.Parse"/> for the forms of text.</param>
    /// <param name="options">Timeouts and the like; null for those of <see cref="QemuOptions.Default"/>.</param>
    /// <exception cref="VmiDriverException">
    /// There is no such VM, its monitor is held by another client, there is no right to its memory, or its guest is no x86 one.
    /// </exception>
    public static QemuDriver Open(QemuTarget target, QemuOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(target);
        options ??= QemuOptions.Default;
        var monitor = QemuAttach.Connect(target, options);
        HostProcess? process = null;
        GuestMemory? memory = null;
        try
        {
            var vcpus = monitor.Vcpus();
            if (vcpus[0].Target is not ("x86_64" or "i386"))
                throw new VmiDriverException($"{monitor.Name} runs a guest for {vcpus[0].Target}: only x86 guests can be read.");
            process = QemuAttach.FindProcess(monitor, vcpus[0].Thread);
            var kvm = monitor.IsKvm();
            memory = GuestMemory.Open(monitor, process, options.MemoryPaths, writableMapping: kvm);
            QemuGdbStub.Recover(monitor, process.Pid, options.CommandTimeout);
            return new QemuDriver(target, monitor, process, memory, options, kvm);
        }
        catch
        {
            memory?.Dispose();
            process?.Dispose();
            monitor.Dispose();
            throw;
        }
    }

    /// <summary>Attaches to the VM that a text names: `/path/to/qmp.sock`, `pid=N`, `name=NAME`, `libvirt:NAME`.</summary>
    /// <inheritdoc cref="Open(QemuTarget, QemuOptions)" path="/exception"/>
    public static QemuDriver Open(string target, QemuOptions? options = null) => Open(QemuTarget.Parse(target), options);

    /// <inheritdoc/>
    public bool TryGetSpan(Pa address, int length, out ReadOnlySpan<byte> span)
    {
        ThrowIfDisposed();
        span = default;
        return _resetsSeen == _monitor.ResetCount && _memory.TryGetSpan(address.Value, length, out span);
    }

    /// <inheritdoc/>
    public int Read(Pa address, Span<byte> destination)
    {
        ThrowIfDisposed();
        RefreshAfterReset();
        return _memory.Read(address.Value, destination);
    }

    /// <inheritdoc/>
    public void ReadMany(Span<PhysicalRead> reads)
    {
        ThrowIfDisposed();
        RefreshAfterReset();
        _memory.ReadMany(reads);
    }

    /// <inheritdoc/>
    public VmiMappedPage? ReadPage(Gfn gfn)
    {
        ThrowIfDisposed();
        RefreshAfterReset();
        return _memory.ReadPage(gfn);
    }

    /// <summary>
    /// Writes RAM and returns how many bytes were written before the first address that is ROM or a hole. On KVM the memory itself is
    /// written. On TCG, where the guest would not see that in code already translated, QEMU's gdbstub writes, with the VM stopped
    /// meanwhile.
    /// </summary>
    /// <exception cref="VmiDriverException">The VM is gone, is being migrated, or a debugger uses its gdbstub.</exception>
    public int Write(Pa address, ReadOnlySpan<byte> source)
    {
        ThrowIfDisposed();
        lock (_control)
        {
            ThrowIfDisposed();
            _memory.Refresh();
            var length = _memory.Writable(address.Value, source.Length);
            if (length == 0)
                return 0;
            ThrowIfMigrating();
            return _kvm ? _memory.Write(address.Value, source[..length]) : WriteThroughStub(address, source[..length]);
        }
    }

    /// <inheritdoc/>
    public Registers GetRegisters(VcpuId vcpu)
    {
        var all = GetAllRegisters();
        if (vcpu.Value >= all.Count)
            throw new ArgumentOutOfRangeException(nameof(vcpu), vcpu.Value, $"There is no vCPU {vcpu}: {Name} has {all.Count}.");
        return all[vcpu.Value];
    }

    /// <summary>
    /// The registers of all vCPUs at one moment: a running VM is stopped for the reading and set going again, unless
    /// <see cref="QemuOptions.StopsForRegisters"/> says otherwise. The syscall MSRs and
    /// KERNEL_GS_BASE are lacking, since no monitor shows them. A vCPU in 16- or 32-bit code has its registers as that code sees them.
    /// </summary>
    /// <exception cref="VmiDriverException">The VM is gone.</exception>
    public IReadOnlyList<Amd64Registers> GetAllRegisters()
    {
        ThrowIfDisposed();
        lock (_control)
        {
            ThrowIfDisposed();
            var moment = (_monitor.ResetCount, _monitor.ResumeCount);
            if (_registersOfPause is null || _momentOfRegisters != moment)
            {
                var registers = _options.StopsForRegisters ? WhileStopped(ReadRegisters) : ReadRegisters();
                if (_pauses == 0)
                    return registers;
                (_registersOfPause, _momentOfRegisters) = (registers, moment);
            }
            return [.. _registersOfPause.Select(registers => registers.Clone())];
        }
    }

    /// <inheritdoc/>
    public void Pause()
    {
        ThrowIfDisposed();
        lock (_control)
        {
            ThrowIfDisposed();
            if (_pauses == 0)
            {
                _memory.Refresh();
                if (_debug is not null)
                {
                    _debug.Hold();
                }
                else if (_monitor.IsRunning())
                {
                    _monitor.Stop();
                    _stoppedByUs = true;
                }
            }
            _pauses++;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">There is no pause to end.</exception>
    public void Resume()
    {
        ThrowIfDisposed();
        lock (_control)
        {
            if (_pauses == 0)
                throw new InvalidOperationException($"{Name} was not paused by this driver.");
            if (--_pauses == 0)
                EndPause();
        }
    }

    /// <inheritdoc/>
    public Gfn AllocateGfn() => throw new VmiNotSupportedException("adding frames", Name);

    /// <inheritdoc/>
    public void AllocateGfn(Gfn gfn) => throw new VmiNotSupportedException("adding frames", Name);

    /// <inheritdoc/>
    public void FreeGfn(Gfn gfn) => throw new VmiNotSupportedException("removing frames", Name);

    /// <summary>Resumes the VM if this driver paused it, and closes the monitor. Memory that a reader still holds stays mapped.</summary>
    public void Dispose()
    {
        lock (_control)
        {
            if (_disposed)
                return;
            _disposed = true;
            try
            {
                DetachStub();
            }
            catch (VmiDriverException)
            {
                // A VM that is gone needs no undoing.
            }
            try
            {
                EndPause();
            }
            catch (VmiDriverException)
            {
                // A VM that is gone needs no resuming.
            }
            _memory.Dispose();
            _monitor.Dispose();
            _process.Dispose();
        }
    }

    private void EndPause()
    {
        _registersOfPause = null;
        _debug?.Release();
        if (!_stoppedByUs)
            return;
        _stoppedByUs = false;
        _monitor.Continue();
    }

    private IReadOnlyList<Amd64Registers> ReadRegisters() => RegisterText.Parse(_monitor.Human("info registers -a"));

    private T WhileStopped<T>(Func<T> action)
    {
        if (_debug is not null)
        {
            _debug.Hold();
            try
            {
                return action();
            }
            finally
            {
                _debug.Release();
            }
        }
        if (_pauses > 0 || !_monitor.IsRunning())
            return action();
        _monitor.Stop();
        try
        {
            return action();
        }
        finally
        {
            _monitor.Continue();
        }
    }

    private int WriteThroughStub(Pa address, ReadOnlySpan<byte> source)
    {
        var bytes = source.ToArray();
        return WhileStopped(() => WithStub(stub => stub.WritePhysical(address, bytes)));
    }

    private void ThrowIfMigrating()
    {
        if (_monitor.MigrationStatus() is { } status and not ("none" or "completed" or "failed" or "cancelled"))
            throw new VmiDriverException($"{Name} is being migrated ({status}): write when that has ended, else the write may be lost.");
    }

    /// <summary>A reset puts ROM and RAM back to where they are at power-on.</summary>
    private void RefreshAfterReset()
    {
        if (_resetsSeen == _monitor.ResetCount)
            return;
        lock (_control)
        {
            var resets = _monitor.ResetCount;
            if (_resetsSeen == resets)
                return;
            _memory.Refresh();
            _resetsSeen = resets;
        }
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_disposed, this);
}
