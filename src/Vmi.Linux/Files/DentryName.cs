namespace Vmi.Linux;

/// <summary>The name of a `dentry`.</summary>
internal static class DentryName
{
    private const int LongestName = 4096;

    /// <summary>Its bytes; null if they are not there, or too many.</summary>
    public static byte[]? Read(KernelReader kernel, StructReader dentry)
    {
        var layout = kernel.Layouts.Dentry;
        var length = dentry.Read(layout.NameLength);
        if (length > LongestName)
            return null;
        var name = new byte[length];
        return kernel.TryRead(dentry.ReadVa(layout.NameText), name) ? name : null;
    }
}
