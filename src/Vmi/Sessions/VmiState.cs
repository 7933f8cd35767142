namespace Vmi;

/// <summary>stub</summary>
public class VmiState<TOs>
{
}
