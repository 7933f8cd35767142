using System.Globalization;
using System.Text.RegularExpressions;
using Vmi.Amd64;

namespace Vmi.Qemu.Tests;

public class RegisterTests
{
    [Fact]
    public void Registers_of_every_vCPU_are_what_QEMU_prints()
    {
        using var qemu = BootSector.Boot(BootSector.Letter, "-smp", "3");
        using var driver = qemu.Attach();
        driver.Pause();
        var printed = qemu.Ask("info registers -a").Split("CPU#").Skip(1).ToList();
        Assert.Equal(3, printed.Count);
        Assert.Equal(3, driver.Info.Vcpus);
        for (ushort i = 0; i < 3; i++)
        {
            var registers = (Amd64Registers)driver.GetRegisters(new VcpuId(i));
            foreach (var (name, register) in new[]
            {
                ("EAX", Amd64Register.Rax), ("EBX", Amd64Register.Rbx), ("ECX", Amd64Register.Rcx), ("EDX", Amd64Register.Rdx),
                ("ESI", Amd64Register.Rsi), ("EDI", Amd64Register.Rdi), ("EBP", Amd64Register.Rbp), ("ESP", Amd64Register.Rsp),
                ("EIP", Amd64Register.Rip), ("EFL", Amd64Register.Rflags), ("CR0", Amd64Register.Cr0), ("CR2", Amd64Register.Cr2),
                ("CR3", Amd64Register.Cr3), ("CR4", Amd64Register.Cr4), ("DR6", Amd64Register.Dr6), ("DR7", Amd64Register.Dr7),
                ("EFER", Amd64Register.Efer),
            })
            {
                var expected = Regex.Match(printed[i], $@"\b{name} *= *([0-9a-f]+)").Groups[1].Value;
                Assert.Equal(ulong.Parse(expected, NumberStyles.HexNumber, CultureInfo.InvariantCulture), registers[register]);
            }
            Assert.Contains($"IDT=     {registers.Idtr.Base.Value:x8} {registers.Idtr.Limit:x8}", printed[i]);
            Assert.Contains($"GDT=     {registers.Gdtr.Base.Value:x8} {registers.Gdtr.Limit:x8}", printed[i]);
            Assert.Contains($"CS ={registers.Cs.Selector.Value:x4} {registers.Cs.Base:x8} {registers.Cs.Limit:x8}", printed[i]);
        }
        var running = (Amd64Registers)driver.GetRegisters(default);
        Assert.InRange(running.Cs.Base + running.Rip, BootSector.Start, BootSector.Start + (ulong)BootSector.Letter.Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => driver.GetRegisters(new VcpuId(3)));
    }

    [Fact]
    public void A_running_VM_goes_on_running_after_its_registers_were_read()
    {
        using var qemu = BootSector.Boot(BootSector.Letter);
        using var driver = qemu.Attach();
        var registers = Assert.Single(driver.GetAllRegisters());
        Assert.True(qemu.IsRunning);
        Assert.Equal(0u, registers.Cr3.Value);
        var length = qemu.Serial.Length;
        qemu.WaitFor(() => qemu.Serial.Length > length);
    }

    [Fact]
    public void What_no_monitor_shows_is_reported_as_lacking()
    {
        using var qemu = TestQemu.Start("-m", "16M", "-S");
        using var driver = qemu.Attach();
        var registers = (Amd64Registers)driver.GetRegisters(default);
        Assert.Equal(RegisterText.Groups, registers.Available);
        Assert.Throws<RegisterNotAvailableException>(() => registers.Lstar);
        Assert.Throws<RegisterNotAvailableException>(() => registers.KernelGsBase);
    }

    [Fact]
    public void Long_mode_registers_are_taken_from_the_form_with_64_bits()
    {
        // As QEMU 7.2 prints a vCPU in long mode.
        const string Text = """
            CPU#0
            RAX=ffffffff81c0e1f0 RBX=ffffffff82e19900 RCX=0000000000000001 RDX=4000000000000000
            RSI=0000000000000083 RDI=0000000000015c04 RBP=0000000000000000 RSP=ffffffff82e03e90
            R8 =0000000000015c04 R9 =0000000000000001 R10=0000000000000002 R11=0000000000000003
            R12=0000000000000004 R13=0000000000000005 R14=0000000000000006 R15=0000000000000007
            RIP=ffffffff81c0e1ff RFL=00000202 [-------] CPL=0 II=0 A20=1 SMM=0 HLT=1
            ES =0000 0000000000000000 00000000 00000000
            CS =0010 0000000000000000 ffffffff 00af9b00 DPL=0 CS64 [-RA]
            SS =0018 0000000000000000 ffffffff 00cf9300 DPL=0 DS   [-WA]
            DS =0000 0000000000000000 00000000 00000000
            FS =0000 0000000000000000 00000000 00000000
            GS =0000 ffff88801f200000 00000000 00000000
            LDT=0000 0000000000000000 00000000 00008200 DPL=0 LDT
            TR =0040 fffffe0000003000 00004087 00008b00 DPL=0 TSS64-busy
            GDT=     fffffe0000001000 0000007f
            IDT=     fffffe0000000000 00000fff
            CR0=80050033 CR2=00007f1d2c9a7000 CR3=0000000004e16000 CR4=000006f0
            DR0=0000000000000000 DR1=0000000000000000 DR2=0000000000000000 DR3=0000000000000000 
            DR6=00000000ffff0ff0 DR7=0000000000000400
            CCS=0000000000000000 CCD=0000000000000000 CCO=EFLAGS
            EFER=0000000000000d01
            FCW=037f FSW=0000 [ST=0] FTW=00 MXCSR=00001f80
            FPR0=0000000000000000 0000 FPR1=0000000000000000 0000

            """;
        var registers = Assert.Single(RegisterText.Parse(Text + Vectors("XMM", "")));
        Assert.Equal(0xffffffff81c0e1f0, registers.Rax);
        Assert.Equal(0x15c04u, registers.R8);
        Assert.Equal(7u, registers.R15);
        Assert.Equal(0xffffffff81c0e1ff, registers.Rip);
        Assert.Equal(0x202u, registers.Rflags.Value);
        Assert.Equal(new SegmentDescriptor(0x10, 0, 0xffffffff, 0xa09b), registers.Cs);
        Assert.True(registers.Cs.LongMode);
        Assert.Equal(0xffff88801f200000, registers.Gs.Base);
        Assert.Equal(new DescriptorTableRegister(new Va(0xfffffe0000000000), 0xfff), registers.Idtr);
        Assert.Equal(0x7f, registers.Gdtr.Limit);
        Assert.Equal(0x40, registers.Tr.Selector.Value);
        Assert.Equal(0x4e16000u, registers.TranslationRoot.Value);
        Assert.Equal(0xd01u, registers.Efer.Value);
        Assert.Equal(PagingLevels.Four, registers.PagingMode.Levels);
        Assert.Equal(0x00007f1d2c9a7000u, registers.Cr2);

        // XMM registers in the forms of QEMU before and since 7.2, and as parts of those of AVX and AVX-512.
        foreach (var vectors in (string[])
            [
                Vectors("XMM", ""), Vectors("XMM", " "), Vectors("YMM", " ", 0xaaaa, 0xbbbb),
                "Opmask00=00000000ffffffff\n" + Vectors("ZMM", " ", 1, 2, 3, 4, 5, 6),
            ])
        {
            registers = Assert.Single(RegisterText.Parse(Text + vectors));
            Assert.Equal(0x1f80u, registers.Mxcsr);
            for (var i = 0; i < 16; i++)
            {
                var xmm = (Amd64Register)((int)Amd64Register.Xmm0 + i);
                Assert.Equal(new UInt128(0x8877665544332200 + (ulong)i, (ulong)i), registers.GetXmm(xmm));
            }
        }

        static string Vectors(string name, string space, params ulong[] above) => string.Concat(Enumerable.Range(0, 16).Select(i =>
        {
            ulong[] words = [.. above, 0x8877665544332200 + (ulong)i, (ulong)i];
            return $"{name}{i:00}={string.Join(space, words.Select(word => $"{word:x16}"))}{(i % 2 == 0 ? " " : "\n")}";
        }));
    }

    [Fact]
    public void Vector_registers_are_what_QEMU_prints()
    {
        using var qemu = BootSector.Boot(BootSector.Letter);
        using var driver = qemu.Attach();
        driver.Pause();
        var printed = qemu.Ask("info registers");
        var registers = (Amd64Registers)driver.GetRegisters(default);
        Assert.Contains($"MXCSR={registers.Mxcsr:x8}", printed);
        var last = registers.GetXmm(Amd64Register.Xmm7);
        Assert.Contains($"XMM07={last >> 64:x16} {(ulong)last:x16}", printed);
    }

    [Fact]
    public void An_answer_without_a_register_is_an_error_that_names_it()
    {
        Assert.Contains("CR3", Assert.Throws<VmiDriverException>(() => RegisterText.Parse(Without("CR3"))).Message);
        Assert.Throws<VmiDriverException>(() => RegisterText.Parse(""));
        Assert.Throws<VmiDriverException>(() => RegisterText.Parse("CPU#0\nPC=0000000000000000"));

        static string Without(string name)
        {
            using var qemu = TestQemu.Start("-m", "16M", "-S");
            return qemu.Ask("info registers -a").Replace(name, "XYZ", StringComparison.Ordinal);
        }
    }
}
