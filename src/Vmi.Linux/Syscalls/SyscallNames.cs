namespace Vmi.Linux;

/// <summary>The names that programs use (asm/unistd_64.h) where the kernel's functions have others.</summary>
internal static class SyscallNames
{
    public static string OfPrograms(string name, SyscallAbi abi) => (abi, name) switch
    {
        (SyscallAbi.X64, "newstat") => "stat",
        (SyscallAbi.X64, "newfstat") => "fstat",
        (SyscallAbi.X64, "newlstat") => "lstat",
        (SyscallAbi.X64, "sendfile64") => "sendfile",
        (SyscallAbi.X64, "umount") => "umount2",
        (SyscallAbi.Ia32, "umount") => "umount2",
        (SyscallAbi.Ia32, "oldumount") => "umount",
        (_, "newuname") => "uname",
        (SyscallAbi.Ia32, ['i', 'a', '3', '2', '_', .. var rest]) => rest,
        _ => name,
    };
}
