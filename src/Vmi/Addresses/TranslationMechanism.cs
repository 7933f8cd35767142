namespace Vmi;

/// <summary>How the address of an <see cref="AccessContext"/> becomes a physical one.</summary>
public enum TranslationMechanism : byte
{
    /// <summary>The address is physical already.</summary>
    Direct,

    /// <summary>Through the page tables below the given root.</summary>
    Paging,

    /// <summary>Through the page tables of whatever reads: the root that a <see cref="VmiState{TOs}"/> chooses for the address.</summary>
    CurrentPaging,
}
