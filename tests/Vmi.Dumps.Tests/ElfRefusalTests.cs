using System.Buffers.Binary;

namespace Vmi.Dumps.Tests;

public sealed class ElfRefusalTests
{
    [Fact]
    public void Cores_of_other_machines_are_refused_by_name()
    {
        Refuses("is an ELF core for AArch64; Vmi reads x86-64 guests.", Core(machine: 183));
        Refuses("is an ELF core for ARM; Vmi reads x86-64 guests.", Core(machine: 40, fileClass: 1));
        Refuses("is an ELF core for IBM S/390; Vmi reads x86-64 guests.", Core(machine: 22, order: 2));
        Refuses("is an ELF core for machine 999; Vmi reads x86-64 guests.", Core(machine: 999));
        Refuses("is a 32-bit ELF core; Vmi reads 64-bit ones.", Core(machine: 3, fileClass: 1));
        Refuses("is corrupt: a big-endian ELF core for x86-64.", Core(order: 2));
        Refuses("is corrupt: its ELF header has class 3 and byte order 1.", Core(fileClass: 3));

        static byte[] Core(ushort machine = 62, byte fileClass = 2, byte order = 1) =>
            new ElfBuilder { Machine = machine, Class = fileClass, Order = order }.Vcpu().Load(0, new byte[64]).Build();
    }

    [Fact]
    public void Executables_are_refused()
    {
        Assert.EndsWith("is an ELF shared object or position-independent executable, not a memory file.",
            RecognitionTests.Refusal("/usr/bin/readelf"));
        Refuses("is an ELF executable, not a memory file.", new ElfBuilder { Type = 2 }.Build());
        Refuses("is an ELF relocatable object, not a memory file.", new ElfBuilder { Type = 1 }.Build());
    }

    [Fact]
    public void A_core_that_the_kernel_wrote_of_a_process_is_refused()
    {
        Refuses("is a core of a process, not of a machine.",
            new ElfBuilder().Note("CORE", 1, new byte[336]).Note("CORE", 3, new byte[136]).Note("CORE", 6, new byte[320])
                .Load(0, new byte[4096], virtualAddress: 0x400000).Load(0, new byte[4096], virtualAddress: 0x7ffff7fc0000).Build());
    }

    [Fact]
    public void A_core_that_may_be_of_anything_is_refused()
    {
        Refuses("is an ELF core without QEMU's notes and without VMCOREINFO: nothing says that it is a machine's.",
            new ElfBuilder().Load(0, new byte[64]).Build());
    }

    [Fact]
    public void A_truncated_file_says_what_is_missing()
    {
        var whole = new ElfBuilder().Vcpu().Load(0, new byte[0x1000]).Load(0x100000, new byte[0x1000]).Build();
        Refuses($"is truncated: 16 of {whole.Length} bytes are missing, from segment 2 on (physical address 0x100000).", whole[..^16]);
        Refuses($"is truncated: {0x1001} of {whole.Length} bytes are missing, from segment 1 on (physical address 0x0).", whole[..^0x1001]);
        Refuses($"is truncated: 20 of {128 + (3 * 56)} bytes are missing, its ELF program headers.", whole[..(128 + (3 * 56) - 20)]);
        Refuses("is truncated: 4 of 64 bytes are missing, its ELF header.", whole[..60]);
        Refuses("is truncated: 60 of 64 bytes are missing, its ELF header.", whole[..4]);
        var many = new ElfBuilder { CountInSection = true }.Vcpu().Load(0, new byte[16]).Build();
        Refuses("is truncated: 28 of 128 bytes are missing, its ELF section 0.", many[..100]);
    }

    [Fact]
    public void Corrupt_numbers_are_refused()
    {
        var whole = new ElfBuilder().Vcpu().Load(0x1000, new byte[0x1000]).Build();
        const int load = 128 + 56;
        Refuses("is corrupt: segment 1 has 0x1000 bytes at offset 0xfffffffffffff000.", Patch64(whole, load + 8, 0xfffffffffffff000));
        Refuses("is corrupt: segment 1 has 0xffffffffffffffff bytes at offset", Patch64(whole, load + 32, ulong.MaxValue));
        Refuses("is corrupt: segment 1 has 0x1000 bytes for 0xfff of memory.", Patch64(whole, load + 40, 0xfff));
        Refuses("is corrupt: segment 1, 0x1000 bytes at 0xfffffffffffff000, is beyond 52-bit physical addresses.",
            Patch64(whole, load + 24, 0xfffffffffffff000));
        Refuses("is corrupt: segment 1, 0x1000 bytes at 0xffffffffff001, is beyond 52-bit physical addresses.",
            Patch64(whole, load + 24, 0xffffffffff001));
        Refuses("is corrupt: its ELF program headers are at offset 0xffffffffffffffff.", Patch64(whole, 32, ulong.MaxValue));
        Refuses("is corrupt: its ELF program headers have 1 bytes, not 56.", Patch16(whole, 54, 1));
        Refuses("is an ELF core without program headers, and not one of Xen's.", Patch16(whole, 56, 0));
        Refuses("is corrupt: it has PN_XNUM ELF segments but no section 0 that says how many.",
            Patch64(Patch16(whole, 56, 0xffff), 40, 0));
        var note = load + 56;
        Refuses($"is corrupt: the ELF note at offset {note} is longer than its segment.", Patch32(whole, note, uint.MaxValue));
        Refuses($"is corrupt: the ELF note at offset {note} is longer than its segment.", Patch32(whole, note + 4, uint.MaxValue));
    }

    [Fact]
    public void Notes_that_contradict_each_other_are_refused()
    {
        Refuses("is corrupt: NT_PRSTATUS notes for 2 vCPUs, QEMU notes for 1.",
            new ElfBuilder().Vcpu().Note("CORE", 1, new byte[336]).Load(0, new byte[64]).Build());
        Refuses("has QEMU's CPU note version 2 for vCPU 0; Vmi reads version 1.",
            new ElfBuilder().Vcpu(Patch32(ElfBuilder.QemuState(), 0, 2)).Load(0, new byte[64]).Build());
        Refuses("is corrupt: QEMU's CPU note for vCPU 0 has 431 bytes, not 432 or more.",
            new ElfBuilder().Vcpu(ElfBuilder.QemuState()[..431]).Load(0, new byte[64]).Build());
        Refuses("is corrupt: QEMU's CPU note for vCPU 1 says 441 bytes and has 440.",
            new ElfBuilder().Vcpu().Vcpu(Patch32(ElfBuilder.QemuState(), 4, 441)).Load(0, new byte[64]).Build());
        Refuses("has 65537 bytes of VMCOREINFO, more than 65536 (VmiLimits.StringBytes).",
            new ElfBuilder().Vcpu().Note("VMCOREINFO", 0, new byte[65537]).Load(0, new byte[64]).Build());
    }

    [Fact]
    public void The_number_of_notes_is_bounded()
    {
        using var folder = new TestFolder();
        var path = folder.Write("memory.elf", new ElfBuilder().Vcpu().Vcpu().Load(0, new byte[64]).Build());

        Assert.EndsWith("has more than 3 ELF notes (VmiLimits.Segments).",
            Assert.Throws<VmiFormatException>(() => ElfCoreDriver.Open(path, new VmiLimits { Segments = 3 })).Message);
    }

    private static void Refuses(string message, byte[] file)
    {
        using var folder = new TestFolder();
        var path = folder.Write("memory.elf", file);
        Assert.StartsWith($"{path} {message}", RecognitionTests.Refusal(path), StringComparison.Ordinal);
    }

    private static byte[] Patch16(byte[] file, int at, ushort value)
    {
        var copy = file.ToArray();
        BinaryPrimitives.WriteUInt16LittleEndian(copy.AsSpan(at), value);
        return copy;
    }

    private static byte[] Patch32(byte[] file, int at, uint value)
    {
        var copy = file.ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(copy.AsSpan(at), value);
        return copy;
    }

    private static byte[] Patch64(byte[] file, int at, ulong value)
    {
        var copy = file.ToArray();
        BinaryPrimitives.WriteUInt64LittleEndian(copy.AsSpan(at), value);
        return copy;
    }
}
