namespace Vmi.Linux;

/// <summary>One `vm_area_struct`, read once.</summary>
internal sealed class AreaRecord
{
    private const ulong Executable = 0x4;

    private AreaRecord(KernelReader kernel, Va address, StructReader area)
    {
        var layout = kernel.Layouts.Vma;
        Address = address;
        Start = area.ReadVa(layout.Start);
        End = area.ReadVa(layout.End);
        Mm = area.ReadVa(layout.Mm);
        Flags = area.Read(layout.Flags);
        PageOffset = area.Read(layout.PageOffset);
        File = area.ReadVa(layout.File);
        PrivateData = area.ReadVa(layout.PrivateData);
        Operations = area.ReadVa(layout.Operations);
        AnonName = layout.AnonName is { } name ? area.ReadVa(name) : default;
    }

    public Va Address { get; }

    public Va Start { get; }

    public Va End { get; }

    public Va Mm { get; }

    public ulong Flags { get; }

    public ulong PageOffset { get; }

    public Va File { get; }

    public Va PrivateData { get; }

    public Va Operations { get; }

    public Va AnonName { get; }

    public bool IsExecutable => (Flags & Executable) != 0;

    public bool Contains(Va address) => Start <= address && address < End;

    public static AreaRecord Read(KernelReader kernel, Va address) =>
        new(kernel, address, kernel.ReadStruct(address, kernel.Layouts.Vma));

    public static AreaRecord? TryRead(KernelReader kernel, Va address) =>
        kernel.TryReadStruct(address, kernel.Layouts.Vma, out var area) ? new AreaRecord(kernel, address, area) : null;
}
