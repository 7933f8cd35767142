using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Vmi.Guests;

/// <summary>A guest under QEMU that has come up. Disposing it kills it and removes its files.</summary>
public sealed class RunningGuest : IDisposable
{
    private const string ControlSocket = "control.sock";
    private static readonly TimeSpan BootTimeout = TimeSpan.FromMinutes(4);

    // A kernel patches its own code by way of an int3, and with several vCPUs QEMU's TCG may run that one when the kernel no longer
    // expects it. It happens while it boots, when the host is busy.
    private const string LostPatch = "Oops: int3";
    private const int BootAttempts = 3;

    private readonly QemuProcess _qemu;
    private readonly GuestTruth? _truth;
    private readonly GuestControl? _control;

    private RunningGuest(string name, QemuProcess qemu, string readyText, string? truthPath, CancellationToken cancellation)
    {
        Name = name;
        _qemu = qemu;
        try
        {
            Monitor = HarnessMonitor.Connect(PathOf("harness.sock"), () => qemu.HasExited);
            // From the start: the puppet sleeps only while somebody is at the other end.
            _control = truthPath is null ? null : GuestControl.Connect(PathOf(ControlSocket));
            WaitFor(readyText, cancellation);
            _truth = truthPath is null ? null : GuestTruth.Load(truthPath);
        }
        catch (GuestException exception)
        {
            string report = $"{name}: {exception.Message}\n{qemu.Errors}";
            _control?.Dispose();
            qemu.Dispose();
            throw new GuestException(report);
        }
        catch
        {
            _control?.Dispose();
            qemu.Dispose();
            throw;
        }
    }

    /// <summary>The VM's name.</summary>
    public string Name { get; }

    /// <summary>QEMU's process id.</summary>
    public int Pid => _qemu.Id;

    /// <summary>Whether QEMU has ended, as it does when the guest powers off, reboots or panics.</summary>
    public bool HasExited => _qemu.HasExited;

    /// <summary>The QMP socket that is free for what is tested; the harness has another of its own.</summary>
    public string QmpPath => PathOf("qmp.sock");

    /// <summary>What the guest wrote to its serial console.</summary>
    public string SerialLogPath => PathOf("serial.log");

    /// <summary>The harness's own connection to QEMU.</summary>
    public HarnessMonitor Monitor { get; }

    /// <summary>What the guest printed about itself.</summary>
    /// <exception cref="InvalidOperationException">The guest is a boot program, which prints none.</exception>
    public GuestTruth Truth => _truth ?? throw new InvalidOperationException($"{Name} is no Linux guest.");

    /// <summary>The line to the puppet in the guest, which runs programs of known behaviour.</summary>
    /// <exception cref="InvalidOperationException">The guest is a boot program, which has none.</exception>
    public GuestControl Control => _control ?? throw new InvalidOperationException($"{Name} is no Linux guest.");

    /// <summary>Boots a Linux guest and waits until it has printed its truth and rests.</summary>
    /// <exception cref="GuestException">It did not come up; the message has the end of its console.</exception>
    public static RunningGuest Boot(GuestSpec spec, CancellationToken cancellation = default)
    {
        if (spec.Accelerator == "kvm" && !Kvm.IsUsable(out string why))
            throw new GuestException($"{spec.Name} wants KVM: {why}");

        GuestImage image = GuestImages.Get(spec.Kernel, cancellation);
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return BootOnce(spec, image, cancellation);
            }
            catch (GuestException exception) when (attempt < BootAttempts && exception.Message.Contains(LostPatch, StringComparison.Ordinal))
            {
                // QEMU's doing, not the kernel's: see LostPatch.
            }
        }
    }

    private static RunningGuest BootOnce(GuestSpec spec, GuestImage image, CancellationToken cancellation)
    {
        string directory = GuestDirectory.Create();
        string truth = Path.Combine(directory, "truth");
        var qemu = new QemuProcess(directory,
        [
            .. CommonArguments(spec.Name, directory),
            .. spec.MachineArguments(directory),
            "-kernel", image.Kernel, "-initrd", image.Initramfs, "-append", spec.KernelCommandLine,
            "-device", "virtio-serial-pci", "-chardev", $"file,id=truth,path={truth}", "-device", "virtserialport,chardev=truth",
            "-chardev", $"socket,id=control,path={Path.Combine(directory, ControlSocket)},server=on,wait=off",
            "-device", "virtserialport,chardev=control",
        ]);
        return new RunningGuest(spec.Name, qemu, "VMI-GUEST-READY", truth, cancellation);
    }

    /// <summary>
    /// Boots a small program that is no Linux, and waits until it has written a text to the first serial port.
    /// </summary>
    /// <param name="path">
    /// A boot sector image (its bytes 510 and 511 are 55 AA), which becomes the first disk, or a multiboot kernel.
    /// </param>
    /// <param name="readyText">What the program writes when it is ready.</param>
    /// <param name="qemuArguments">More arguments, such as <c>-m</c>, <c>-cpu</c> and <c>-accel</c>.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    public static RunningGuest BootImage(
        string path, string readyText, IEnumerable<string>? qemuArguments = null, CancellationToken cancellation = default)
    {
        string name = Path.GetFileNameWithoutExtension(path);
        string directory = GuestDirectory.Create();
        string[] boot = IsBootSector(path) ? ["-drive", $"file={path},format=raw,if=ide,snapshot=on"] : ["-kernel", path];
        var qemu = new QemuProcess(directory, [.. CommonArguments(name, directory), .. boot, .. qemuArguments ?? []]);
        return new RunningGuest(name, qemu, readyText, null, cancellation);
    }

    /// <summary>Stops the VM until the result is disposed; leaves it as it was found.</summary>
    public IDisposable Pause() => new PausedGuest(Monitor);

    /// <summary>Writes QEMU's ELF dump.</summary>
    /// <param name="path">The file, which is made or overwritten.</param>
    /// <param name="paging">Whether QEMU walks the page tables, so that the file has virtual addresses too.</param>
    public void DumpElf(string path, bool paging) => MemoryFiles.WriteElf(this, path, paging);

    /// <summary>Writes QEMU's kdump file, compressed with zlib and flattened.</summary>
    public void DumpKdump(string path) => Monitor.Execute("dump-guest-memory",
        new JsonObject { ["paging"] = false, ["protocol"] = "file:" + path, ["format"] = "kdump-zlib" });

    /// <summary>Writes QEMU's migration stream; the VM is stopped after it, and may be continued.</summary>
    /// <exception cref="GuestException">It failed.</exception>
    public void Migrate(string path)
    {
        Monitor.Execute("migrate", new JsonObject { ["uri"] = "exec:cat > " + path });
        for (string status = "setup"; status != "completed"; Thread.Sleep(20))
        {
            status = Monitor.Execute("query-migrate").GetProperty("status").GetString()!;
            if (status is not ("setup" or "active" or "device" or "completed"))
                throw new GuestException($"{Name}: the migration ended: {status}");
        }
    }

    /// <summary>Writes memory as one image from address 0 to its end; what is no memory is zero. The file is sparse.</summary>
    public void SavePhysicalRaw(string path) => MemoryFiles.WriteRaw(this, path);

    /// <summary>Writes a LiME file of the ranges that the guest's kernel calls <c>System RAM</c>.</summary>
    public void SaveLime(string path) => MemoryFiles.WriteLime(this, path);

    /// <inheritdoc/>
    public void Dispose()
    {
        Monitor.Dispose();
        _control?.Dispose();
        _qemu.Dispose();
    }

    internal string PathOf(string file) => Path.Combine(_qemu.Directory, file);

    private static string[] CommonArguments(string name, string directory) =>
    [
        "-nodefaults", "-display", "none", "-no-reboot", "-name", $"guest={name}",
        "-qmp", $"unix:{Path.Combine(directory, "qmp.sock")},server=on,wait=off",
        "-qmp", $"unix:{Path.Combine(directory, "harness.sock")},server=on,wait=off",
        "-serial", $"file:{Path.Combine(directory, "serial.log")}",
    ];

    private static bool IsBootSector(string path)
    {
        using FileStream file = File.OpenRead(path);
        Span<byte> sector = stackalloc byte[512];
        int length = file.ReadAtLeast(sector, sector.Length, throwOnEndOfStream: false);
        return length == sector.Length && sector[510] == 0x55 && sector[511] == 0xaa;
    }

    private void WaitFor(string text, CancellationToken cancellation)
    {
        for (long start = Environment.TickCount64; ; cancellation.WaitHandle.WaitOne(20))
        {
            string console = ReadConsole();
            if (console.Contains(text, StringComparison.Ordinal))
            {
                if (console.Contains("VMI-GUEST-ERROR", StringComparison.Ordinal))
                    throw new GuestException($"the guest came up with errors:\n{Tail(console)}");
                return;
            }
            cancellation.ThrowIfCancellationRequested();
            if (_qemu.HasExited)
                throw new GuestException($"QEMU ended before the guest was up. Its console:\n{Tail(console)}");
            if (Environment.TickCount64 - start > BootTimeout.TotalMilliseconds)
                throw new GuestException(string.Create(CultureInfo.InvariantCulture,
                    $"the guest did not say \"{text}\" within {BootTimeout.TotalSeconds} s. Its console:\n{Tail(console)}"));
        }
    }

    private string ReadConsole()
    {
        using var file = new FileStream(SerialLogPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file, Encoding.Latin1);
        return reader.ReadToEnd();
    }

    private static string Tail(string console) => string.Join('\n', console.Split('\n').TakeLast(30));
}
