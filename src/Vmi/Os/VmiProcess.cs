namespace Vmi;

/// <summary>A process of the guest.</summary>
public abstract class VmiProcess
{
    /// <summary>Its number.</summary>
    public abstract ProcessId Id { get; }

    /// <summary>The kernel's structure for it.</summary>
    public abstract ProcessObject Object { get; }

    /// <summary>Its short name.</summary>
    public abstract string Name { get; }

    /// <summary>The number of its parent.</summary>
    public abstract ProcessId ParentId { get; }

    /// <summary>The kind of code it runs.</summary>
    public abstract VmiImageArchitecture Architecture { get; }

    /// <summary>The root of its page tables, as the kernel uses them.</summary>
    public abstract Pa TranslationRoot { get; }

    /// <summary>The root of its page tables, as user mode has them: another one where the kernel isolates its page tables.</summary>
    public abstract Pa UserTranslationRoot { get; }

    /// <summary>Where its program is loaded; null for a process without one.</summary>
    public abstract Va? ImageBase { get; }

    /// <summary>Its regions, by address.</summary>
    public abstract IVmiList<VmiRegion> Regions();

    /// <summary>The region that holds an address; null if none does.</summary>
    public abstract VmiRegion? LookupRegion(Va address);

    /// <summary>Its threads.</summary>
    public abstract IVmiList<VmiThread> Threads();

    /// <summary>Whether the process could touch an address: null if what is known does not tell.</summary>
    public abstract bool? IsValidAddress(Va address);

    /// <summary>The first region meant; null if there is none.</summary>
    public virtual VmiRegion? FindRegion(RegionPredicate predicate) => Regions().FirstOrDefault(predicate.Matches);

    /// <summary>The regions meant, by address.</summary>
    public IEnumerable<VmiRegion> FilterRegions(RegionPredicate predicate) => Regions().Where(predicate.Matches);
}
