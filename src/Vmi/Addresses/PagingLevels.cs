namespace Vmi;

/// <summary>The kinds of paging of the AMD64 architecture (Intel SDM volume 3, 4.1.1).</summary>
public enum PagingLevels : byte
{
    /// <summary>Paging is off (CR0.PG clear): virtual addresses are physical ones.</summary>
    None,

    /// <summary>32-bit paging: two levels of 4-byte entries.</summary>
    Legacy,

    /// <summary>PAE paging: three levels of 8-byte entries for 32-bit addresses.</summary>
    Pae,

    /// <summary>4-level paging for 48-bit addresses.</summary>
    Four,

    /// <summary>5-level paging for 57-bit addresses (CR4.LA57).</summary>
    Five,
}
