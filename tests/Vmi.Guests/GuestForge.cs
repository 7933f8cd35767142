namespace Vmi.Guests;

/// <summary>What the guest's forger plants in its own memory to mislead a detector.</summary>
public enum GuestForge
{
    /// <summary>There is no forger.</summary>
    None,

    /// <summary>Banners, VMCOREINFO, BTF and an <c>init_task</c>: exact copies and altered ones.</summary>
    Some,

    /// <summary>Also the whole kernel image, altered, and four-level page tables that map it where the real one is.</summary>
    Full,
}
