namespace Vmi;

/// <summary>An executable image in memory.</summary>
public abstract class VmiImage
{
    /// <summary>Where it is loaded.</summary>
    public abstract Va BaseAddress { get; }

    /// <summary>The kind of code in it.</summary>
    public abstract VmiImageArchitecture Architecture { get; }

    /// <summary>The names it exports.</summary>
    /// <exception cref="TranslationFaultException">Its headers are not there.</exception>
    public abstract IVmiList<VmiImageExport> Exports();
}
