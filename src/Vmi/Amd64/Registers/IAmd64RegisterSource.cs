namespace Vmi.Amd64;

/// <summary>Where registers come from that were not carried with the rest: asked once a group, on first use.</summary>
public interface IAmd64RegisterSource
{
    /// <summary>
    /// Sets every register of one group, and of no other that was not set yet, as it was at the moment that
    /// <paramref name="registers"/> stand for. A source that gets all at once says so with <see cref="Amd64Registers.Renew"/> instead.
    /// </summary>
    /// <param name="registers">What to fill.</param>
    /// <param name="group">One group of those that the registers have.</param>
    /// <exception cref="VmiDriverException">The VM is gone.</exception>
    void Fetch(Amd64Registers registers, Amd64RegisterGroups group);
}
