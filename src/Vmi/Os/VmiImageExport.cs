namespace Vmi;

/// <summary>A name that an image exports.</summary>
/// <param name="Name">The name.</param>
/// <param name="Address">What it stands for.</param>
public sealed record VmiImageExport(string Name, Va Address);
