namespace Vmi.Linux;

/// <summary>
/// Who a task acts as, in the numbers of the initial user namespace. Corresponds to `struct cred` behind `task_struct.real_cred`.
/// </summary>
/// <param name="Uid">The real user.</param>
/// <param name="Gid">The real group.</param>
/// <param name="EffectiveUid">The effective user.</param>
/// <param name="EffectiveGid">The effective group.</param>
/// <param name="SavedUid">The saved user.</param>
/// <param name="SavedGid">The saved group.</param>
/// <param name="FileSystemUid">The user for access to files.</param>
/// <param name="FileSystemGid">The group for access to files.</param>
public sealed record LinuxCredentials(
    uint Uid, uint Gid, uint EffectiveUid, uint EffectiveGid, uint SavedUid, uint SavedGid, uint FileSystemUid, uint FileSystemGid)
{
    internal static LinuxCredentials? TryRead(KernelReader kernel, Va address)
    {
        var layout = kernel.Layouts.Cred;
        return kernel.TryReadStruct(address, layout, out var cred)
            ? new LinuxCredentials(
                Id(layout.Uid), Id(layout.Gid), Id(layout.Euid), Id(layout.Egid),
                Id(layout.Suid), Id(layout.Sgid), Id(layout.Fsuid), Id(layout.Fsgid))
            : null;

        uint Id(Field field) => (uint)cred.Read(field);
    }
}
