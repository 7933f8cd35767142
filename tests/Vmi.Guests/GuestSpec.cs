using System.Globalization;

namespace Vmi.Guests;

/// <summary>A Linux guest: which kernel, on what machine, with which settings. KASLR is always on.</summary>
public sealed record GuestSpec
{
    /// <summary>The guest's name, which is also the VM's.</summary>
    public required string Name { get; init; }

    /// <summary>Debian's kernel, by its name in install.sh: <c>6.1</c>, <c>6.12</c>, <c>5.10</c>, <c>6.12-rt</c> or <c>7.2</c>.</summary>
    public required string Kernel { get; init; }

    /// <summary>The number of virtual CPUs.</summary>
    public int Vcpus { get; init; } = 1;

    /// <summary>Whether the last of two or more virtual CPUs is always in user mode; else all rest.</summary>
    public bool Spins { get; init; } = true;

    /// <summary>The size of memory in MiB.</summary>
    public int MemoryMiB { get; init; } = 512;

    /// <summary>QEMU's machine type, which decides where memory lies.</summary>
    public string Machine { get; init; } = "pc";

    /// <summary>Whether page-table isolation is on.</summary>
    public bool PageTableIsolation { get; init; }

    /// <summary>Whether the kernel runs with five-level paging.</summary>
    public bool FiveLevel { get; init; }

    /// <summary>Whether the VM has QEMU's <c>vmcoreinfo</c> device, which puts the kernel's VMCOREINFO in ELF dumps.</summary>
    public bool VmcoreInfo { get; init; }

    /// <summary>What is forged in the guest's memory.</summary>
    public GuestForge Forge { get; init; }

    /// <summary>Whether tracers hook the returns of functions in which the zoo waits.</summary>
    public bool ReturnHooks { get; init; }

    /// <summary>Whether processes keep the kernel busy once the truth is printed.</summary>
    public bool Busy { get; init; }

    /// <summary>Whether there are 200 processes and 2,000 threads more.</summary>
    public bool Crowd { get; init; }

    /// <summary>What QEMU keeps the memory in.</summary>
    public GuestBacking Backing { get; init; }

    /// <summary>QEMU's accelerator: <c>tcg</c> or <c>kvm</c>.</summary>
    public string Accelerator { get; init; } = "tcg";

    internal string KernelCommandLine
    {
        get
        {
            // KASLR stays on; the rest only spares the guest work that a test has to wait for.
            string line = "console=ttyS0 quiet loglevel=1 panic=-1 tsc=reliable no_timer_check rcupdate.rcu_expedited=1";
            line += PageTableIsolation ? " pti=on" : " pti=off";
            line += Spins && Vcpus > 1 ? " vmi.spinner=on" : "";
            line += (ReturnHooks ? " vmi.hooks=on" : "") + (Busy ? " vmi.busy=on" : "") + (Crowd ? " vmi.crowd=on" : "");
            return Forge == GuestForge.None ? line : $"{line} vmi.forge={Forge.ToString().ToLowerInvariant()}";
        }
    }

    internal IEnumerable<string> MachineArguments(string directory)
    {
        if (FiveLevel && Forge == GuestForge.Full)
            throw new ArgumentException($"{Name}: forged page tables have four levels; they make no sense in a guest with five.");

        string cpu = Accelerator == "kvm" ? "host" : "max";
        string size = MemoryMiB.ToString(CultureInfo.InvariantCulture);
        List<string> arguments =
        [
            "-accel", Accelerator,
            "-cpu", FiveLevel ? cpu : cpu + ",la57=off",
            "-smp", Vcpus.ToString(CultureInfo.InvariantCulture),
            "-m", size,
        ];
        string? backend = Backing switch
        {
            GuestBacking.SharedMemfd => $"memory-backend-memfd,id=ram,size={size}M,share=on",
            GuestBacking.SharedFile => $"memory-backend-file,id=ram,size={size}M,share=on,mem-path={Path.Combine(directory, "ram")}",
            _ => null,
        };
        if (backend is not null)
            arguments.AddRange(["-object", backend]);
        arguments.AddRange(["-machine", backend is null ? Machine : Machine + ",memory-backend=ram"]);
        if (VmcoreInfo)
            arguments.AddRange(["-device", "vmcoreinfo"]);
        return arguments;
    }
}
