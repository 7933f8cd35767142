namespace Vmi;

/// <summary>An interrupt or exception, as an architecture has them.</summary>
public abstract record VmiInterrupt;
