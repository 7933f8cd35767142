namespace Vmi;

/// <summary>
/// A piece of work (one list, one batch) on a running VM, within which a translation or a copied page may be used again. Outside of
/// one every single read looks anew. A file, and a VM that stands still, need none. Opened by <see cref="VmiMemory.BeginOperation"/>,
/// ended by Dispose, on the same thread.
/// </summary>
public readonly ref struct VmiOperation
{
    private readonly VmiMachine? _outer;

    internal VmiOperation(VmiMachine machine)
    {
        // An operation within one on the same machine belongs to the outer one.
        if (!OperationScope.IsOpenOn(machine))
            machine.Invalidate();
        _outer = OperationScope.Enter(machine);
    }

    /// <summary>Ends the operation.</summary>
    public void Dispose() => OperationScope.Enter(_outer);
}
