namespace Vmi.Linux;

/// <summary>Where a file is: `struct path`.</summary>
/// <param name="Mount">The `vfsmount`.</param>
/// <param name="Dentry">The `dentry`.</param>
internal readonly record struct FilePlace(Va Mount, Va Dentry);
