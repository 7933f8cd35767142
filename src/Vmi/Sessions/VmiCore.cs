namespace Vmi;

/// <summary>
/// A driver with what is remembered of its memory: the base of every session. It knows no vCPU and no operating system, so it reads
/// physical addresses and (address, root) pairs.
/// </summary>
/// <remarks>The driver belongs to whoever opened it; disposing of the core leaves it open.</remarks>
public sealed class VmiCore : VmiMemory, IDisposable
{
    /// <summary>A core over a driver.</summary>
    /// <param name="driver">Where the VM is.</param>
    /// <param name="options">Cache sizes and bounds; the defaults if null.</param>
    public VmiCore(IVmiDriver driver, VmiCoreOptions? options = null)
        : base(new VmiMachine(driver, options ?? new VmiCoreOptions()))
    {
    }

    /// <summary>
    /// How page tables are read where no registers say it. By itself: as vCPU 0 reads them, where the source has registers, else
    /// 4-level. An operating system that finds it to be otherwise sets it.
    /// </summary>
    public PagingMode PagingMode
    {
        get => Machine.PagingMode;
        set => Machine.PagingMode = value;
    }

    /// <summary>Ends its use; later reads throw <see cref="ObjectDisposedException"/>.</summary>
    public void Dispose()
    {
        Machine.IsDisposed = true;
        Machine.ClearPages();
    }
}
