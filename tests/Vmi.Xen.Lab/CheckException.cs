namespace Vmi.Xen.Lab;

/// <summary>A check found something else than it should be.</summary>
internal sealed class CheckException(string message) : Exception(message);
