namespace Vmi.Amd64;

/// <summary>Lets a page walk go unobserved.</summary>
internal readonly struct NoWalkObserver : IWalkObserver
{
    public void Read(int level, Pa address, ulong value)
    {
    }
}
