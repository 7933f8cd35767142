namespace Vmi.Amd64;

/// <summary>Is told of each entry that a page walk reads. A structure, so that a walk without one costs nothing.</summary>
internal interface IWalkObserver
{
    void Read(int level, Pa address, ulong value);
}
