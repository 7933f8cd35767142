namespace Vmi.Qemu;

/// <summary>Virtual memory that is watched below a root.</summary>
internal readonly record struct Watchpoint(AddressContext Address, int Length, MemoryAccess Access)
{
    /// <summary>Whether both are one in the stub, which knows no roots.</summary>
    public bool IsSameInStub(Watchpoint other) =>
        Address.Va == other.Address.Va && Length == other.Length && Access == other.Access;
}
