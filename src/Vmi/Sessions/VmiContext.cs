namespace Vmi;

/// <summary>stub</summary>
public class VmiContext<TOs> : VmiState<TOs>
{
}
