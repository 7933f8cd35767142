namespace Vmi;

/// <summary>stub</summary>
public abstract class VmiMemory
{
}
