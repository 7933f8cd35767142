using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;

namespace Vmi.Guests;

/// <summary>Makes what guests boot from, once a machine: Debian's kernels, and the userland built from its sources.</summary>
public static class GuestImages
{
    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(100);

    /// <summary>The directory that everything is kept in; <c>VMI_CACHE</c> moves it.</summary>
    public static string CacheDirectory { get; } = Path.Combine(
        Environment.GetEnvironmentVariable("VMI_CACHE") is { Length: > 0 } cache
            ? cache
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "vmi"),
        "guests");

    private static string RepositoryRoot { get; } = FindRepository();

    /// <summary>
    /// The image for a kernel. Installs, fetches and builds what is missing or out of date; several processes may call it at once.
    /// </summary>
    /// <param name="kernel">The kernel's name, such as <c>6.1</c>.</param>
    /// <param name="cancellation">Ends the waiting for other processes.</param>
    /// <exception cref="GuestException">A script failed.</exception>
    public static GuestImage Get(string kernel, CancellationToken cancellation = default)
    {
        Directory.CreateDirectory(CacheDirectory);
        using FileStream _ = Lock(Path.Combine(CacheDirectory, "images.lock"), cancellation);

        string scripts = Path.Combine(RepositoryRoot, "eng", "guests");
        Run(Path.Combine(scripts, "install.sh"), kernel);

        string kernelDirectory = Path.Combine(CacheDirectory, "kernels", kernel);
        string kernelFile = Path.Combine(kernelDirectory, "vmlinuz");
        if (!File.Exists(kernelFile))
            throw new GuestException($"There is no kernel {kernel}: eng/guests/install.sh fetches those that guests can have.");

        string script = Path.Combine(scripts, "initramfs.sh");
        string initramfs = Path.Combine(CacheDirectory, "initramfs", $"{kernel}-{Digest(script, kernelFile)}.cpio");
        if (!File.Exists(initramfs))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(initramfs)!);
            Run(script, kernelDirectory, initramfs);
        }
        return new GuestImage(kernelFile, initramfs);
    }

    /// <summary>Names the state of everything that goes into an initramfs.</summary>
    private static string Digest(string script, string kernel)
    {
        string sources = Path.Combine(RepositoryRoot, "tests", "Vmi.Guests", "userland");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in Directory.EnumerateFiles(sources).Order(StringComparer.Ordinal).Append(script).Append(kernel))
            hash.AppendData(File.ReadAllBytes(file));
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }

    private static void Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd() + errors.Result;
            process.WaitForExit();
            if (process.ExitCode != 0)
                throw new GuestException($"{program} failed:\n{output}");
        }
        catch (Win32Exception exception)
        {
            throw new GuestException($"{program} can't be run: {exception.Message}");
        }
    }

    private static FileStream Lock(string path, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                cancellation.WaitHandle.WaitOne(LockPause);
                cancellation.ThrowIfCancellationRequested();
            }
        }
    }

    private static string FindRepository()
    {
        for (string? directory = AppContext.BaseDirectory; directory is not null; directory = Path.GetDirectoryName(directory))
        {
            if (File.Exists(Path.Combine(directory, "eng", "guests", "install.sh")))
                return directory;
        }
        throw new GuestException($"{AppContext.BaseDirectory} is not within the repository, whose scripts make the guests.");
    }
}
