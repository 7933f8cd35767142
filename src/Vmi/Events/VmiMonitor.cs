namespace Vmi;

/// <summary>A kind of event to be delivered. The kinds are those of an architecture, `Amd64Monitor` among them.</summary>
public abstract record VmiMonitor;
