namespace Vmi;

/// <summary>Several reads met memory that is not there.</summary>
/// <param name="faults">All the faults, in their order; at least one.</param>
public sealed class PageFaultsException(IReadOnlyList<TranslationFault> faults)
    : VmiException(faults.Count == 1 ? faults[0].ToString() : $"{faults[0]}, and {faults.Count - 1} more")
{
    /// <summary>All the faults, in their order.</summary>
    public IReadOnlyList<TranslationFault> Faults { get; } = faults;
}
