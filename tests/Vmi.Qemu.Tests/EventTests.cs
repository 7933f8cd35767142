using Vmi.Amd64;

namespace Vmi.Qemu.Tests;

/// <summary>Breakpoints, watchpoints and steps in a boot sector: what the stub does to a machine that runs, and what it leaves.</summary>
public sealed class EventTests
{
    private const ulong OutInstruction = 0x7c05;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    /// <summary>Counts in memory at 0x8000, a word at a time, and writes `A` to the serial port every 65536 rounds.</summary>
    private static ReadOnlySpan<byte> Counter =>
    [
        0xba, 0xf8, 0x03,       // mov $0x3f8,%dx
        0xb0, 0x41,             // 1: mov $'A',%al
        0xee,                   // out %al,%dx
        0x31, 0xc9,             // xor %cx,%cx
        0xff, 0x06, 0x00, 0x80, // 2: incw 0x8000
        0x49,                   // dec %cx
        0x75, 0xf9,             // jnz 2b
        0xeb, 0xf2,             // jmp 1b
    ];

    public static TheoryData<string> Accelerators => ["tcg", "kvm"];

    private static void SkipWithoutKvm(string accelerator) =>
        Assert.SkipWhen(accelerator == "kvm" && !File.Exists("/dev/kvm"), "not run under KVM: this machine has no /dev/kvm");

    private static AddressContext At(ulong address) => (new Va(address), new Pa(0));

    [Theory]
    [MemberData(nameof(Accelerators))]
    public void A_breakpoint_is_hit_each_time_and_the_guest_goes_on(string accelerator)
    {
        SkipWithoutKvm(accelerator);
        using var qemu = BootSector.Boot(BootSector.Letter, "-accel", accelerator);
        using var driver = qemu.Attach();
        driver.EnableMonitor(new Amd64Monitor.Interrupt(ExceptionVector.Breakpoint));
        driver.InsertBreakpoint(At(OutInstruction));
        Assert.True(driver.HasBreakpoint(At(OutInstruction)));
        var hits = 0;
        while (hits < 100)
        {
            Assert.True(driver.WaitForEvent(Soon, vmiEvent =>
            {
                var registers = (Amd64Registers)vmiEvent.Registers;
                Assert.True(vmiEvent.Reason.IsSoftwareBreakpoint);
                Assert.Equal(OutInstruction, registers.Rip);
                Assert.Equal(0x41UL, registers.Rax & 0xff);
                Assert.Equal(0x3f8UL, registers.Rdx & 0xffff);
                // What the stub does not carry is fetched.
                Assert.Equal(0u, registers.Cs.Selector.Value);
                Assert.Equal(0xffffu, registers.Cs.Limit);
                hits++;
                return VmiEventResponse.Continue;
            }, default));
        }
        driver.Detach();
        var written = qemu.Serial.Length;
        qemu.WaitFor(() => qemu.Serial.Length > written);
        Assert.DoesNotContain("gdb: ", qemu.Ask("info chardev"));
        Assert.True(BootSector.Letter.SequenceEqual(qemu.PhysicalMemory(BootSector.Start, BootSector.Letter.Length)));
    }

    [Theory]
    [InlineData(MemoryAccess.Write)]
    [InlineData(MemoryAccess.ReadWrite)]
    public void A_watchpoint_reports_each_write_once_it_is_done(MemoryAccess access)
    {
        using var qemu = BootSector.Boot(Counter);
        using var driver = qemu.Attach();
        driver.InsertWatchpoint(At(0x8000), 2, access);
        int? last = null;
        var value = new byte[2];
        for (var i = 0; i < 50; i++)
        {
            Assert.True(driver.WaitForEvent(Soon, vmiEvent =>
            {
                var touch = Assert.IsType<Amd64EventReason.MemoryAccess>(vmiEvent.Reason);
                Assert.Equal((new Va(0x8000), access), (touch.Va, touch.Access));
                Assert.Equal(0x7c0cUL, ((Amd64Registers)vmiEvent.Registers).Rip);
                driver.Read(new Pa(0x8000), value);
                var now = BitConverter.ToUInt16(value);
                if (last is { } before)
                    Assert.Equal((ushort)(before + 1), now);
                last = now;
                return VmiEventResponse.Continue;
            }, default));
        }
        Assert.True(driver.RemoveWatchpoint(At(0x8000), 2, access));
        Assert.False(driver.RemoveWatchpoint(At(0x8000), 2, access));
        Assert.False(driver.WaitForEvent(TimeSpan.FromMilliseconds(300), _ => VmiEventResponse.Continue, default));
    }

    [Theory]
    [MemberData(nameof(Accelerators))]
    public void Steps_go_from_one_instruction_to_the_next(string accelerator)
    {
        SkipWithoutKvm(accelerator);
        using var qemu = BootSector.Boot(Counter, "-accel", accelerator);
        using var driver = qemu.Attach();
        driver.EnableMonitor(new Amd64Monitor.Interrupt(ExceptionVector.Breakpoint));
        driver.EnableMonitor(new Amd64Monitor.Singlestep());
        driver.InsertBreakpoint(At(0x7c08));
        var path = new List<ulong>();
        while (path.Count < 7)
        {
            Assert.True(driver.WaitForEvent(Soon, vmiEvent =>
            {
                path.Add(((Amd64Registers)vmiEvent.Registers).Rip);
                Assert.Equal(path.Count == 1, vmiEvent.Reason.IsSoftwareBreakpoint);
                driver.RemoveBreakpoint(At(0x7c08));
                return path.Count == 7 ? VmiEventResponse.Continue : VmiEventResponse.Singlestep;
            }, default));
        }
        Assert.Equal([0x7c08, 0x7c0c, 0x7c0d, 0x7c08, 0x7c0c, 0x7c0d, 0x7c08], path);
    }

    [Theory]
    [MemberData(nameof(Accelerators))]
    public void Registers_of_an_answer_take_effect_and_what_cannot_be_written_is_named(string accelerator)
    {
        SkipWithoutKvm(accelerator);
        using var qemu = BootSector.Boot(BootSector.Letter, "-accel", accelerator);
        using var driver = qemu.Attach();
        driver.EnableMonitor(new Amd64Monitor.Interrupt(ExceptionVector.Breakpoint));
        driver.InsertBreakpoint(At(OutInstruction));
        Assert.True(driver.WaitForEvent(Soon, vmiEvent =>
        {
            var registers = (Amd64Registers)vmiEvent.Registers.Clone();
            registers.Rax = 'B';
            return VmiEventResponse.Continue.WithRegisters(registers);
        }, default));
        driver.Detach();
        qemu.WaitFor(() => qemu.Serial.Contains('B'));

        driver.Pause();
        var wanted = (Amd64Registers)driver.GetRegisters(default);
        wanted.Rbx = 0x1234;
        wanted.Dr0 = 0x5678;
        Assert.Contains("DR0", Assert.Throws<VmiNotSupportedException>(() => driver.SetRegisters(default, wanted)).Message);
        Assert.DoesNotContain("BX=00001234", qemu.Ask("info registers").Replace("EBX", "BX"));
        wanted.Dr0 = 0;
        driver.SetRegisters(default, wanted);
        Assert.Contains("BX=00001234", qemu.Ask("info registers"));
        Assert.False(qemu.IsRunning);
        driver.Resume();
        Assert.True(qemu.IsRunning);
    }

    [Fact]
    public void A_hardware_breakpoint_is_a_debug_exception()
    {
        using var qemu = BootSector.Boot(BootSector.Letter);
        using var driver = qemu.Attach();
        driver.EnableMonitor(new Amd64Monitor.DebugException());
        driver.InsertBreakpoint(At(OutInstruction), NativeBreakpointKind.Hardware);
        for (var i = 0; i < 10; i++)
        {
            Assert.True(driver.WaitForEvent(Soon, vmiEvent =>
            {
                Assert.IsType<Amd64EventReason.DebugException>(vmiEvent.Reason);
                return VmiEventResponse.Continue;
            }, default));
        }
    }

    [Fact]
    public void What_a_gdbstub_lacks_is_refused_by_name()
    {
        using var qemu = TestQemu.Start("-m", "16M", "-S");
        using var driver = qemu.Attach();
        Assert.Contains("Cr3", Assert.Throws<VmiNotSupportedException>(() => driver.EnableMonitor(new Amd64Monitor.Cr3())).Message);
        Assert.Throws<ArgumentException>(() => driver.InsertWatchpoint(At(0x8001), 2, MemoryAccess.Write));
        Assert.Throws<ArgumentException>(() => driver.InsertWatchpoint(At(0x8000), 3, MemoryAccess.Write));
        Assert.Throws<ArgumentException>(() => driver.InsertWatchpoint(At(0x8000), 2, MemoryAccess.Execute));
        Assert.DoesNotContain("gdb: ", qemu.Ask("info chardev"));
    }

    [Fact]
    public void A_machine_that_was_stopped_before_stays_stopped_after()
    {
        using var qemu = TestQemu.Start("-m", "16M", "-S");
        using (var driver = qemu.Attach())
        {
            driver.EnableMonitor(new Amd64Monitor.Singlestep());
            driver.InsertBreakpoint(At(0x1000));
            Assert.False(driver.WaitForEvent(TimeSpan.FromMilliseconds(200), _ => VmiEventResponse.Continue, default));
        }
        Assert.False(qemu.IsRunning);
    }

    [Fact]
    public void A_stop_in_a_monitor_is_respected_and_its_end_too()
    {
        using var qemu = BootSector.Boot(BootSector.Letter);
        using var driver = qemu.Attach();
        driver.EnableMonitor(new Amd64Monitor.Interrupt(ExceptionVector.Breakpoint));
        qemu.Ask("stop");
        Assert.False(driver.WaitForEvent(TimeSpan.FromMilliseconds(300), _ => VmiEventResponse.Continue, default));
        driver.InsertBreakpoint(At(OutInstruction));
        Assert.False(qemu.IsRunning);
        qemu.Ask("cont");
        Assert.True(driver.WaitForEvent(Soon, _ => VmiEventResponse.Continue, default));
    }

    [Fact]
    public void A_stub_that_a_debugger_has_is_left_to_it()
    {
        using var qemu = BootSector.Boot(BootSector.Letter);
        using var driver = qemu.Attach();
        qemu.Ask("gdbserver unix:debugger.sock,server=on,wait=off");
        Assert.Contains("in use", Assert.Throws<VmiDriverException>(() => driver.InsertBreakpoint(At(OutInstruction))).Message);
        Assert.Contains("debugger.sock", qemu.Ask("info chardev"));
        Assert.True(qemu.IsRunning);
    }

    [Fact]
    public void A_VM_that_dies_under_a_breakpoint_is_an_error()
    {
        using var qemu = BootSector.Boot(BootSector.Letter);
        using var driver = qemu.Attach();
        driver.EnableMonitor(new Amd64Monitor.Interrupt(ExceptionVector.Breakpoint));
        driver.InsertBreakpoint(At(OutInstruction));
        Assert.True(driver.WaitForEvent(Soon, _ => VmiEventResponse.Continue, default));
        qemu.Kill();
        Assert.Throws<VmiDriverException>(() =>
        {
            while (driver.WaitForEvent(Soon, _ => VmiEventResponse.Continue, default))
            {
                // Hits that came before it died.
            }
        });
    }

    [Fact]
    public void A_stub_that_is_taken_away_is_an_error_and_the_guest_runs_on()
    {
        using var qemu = BootSector.Boot(BootSector.Letter);
        using (var driver = qemu.Attach())
        {
            driver.EnableMonitor(new Amd64Monitor.Interrupt(ExceptionVector.Breakpoint));
            driver.InsertBreakpoint(At(OutInstruction));
            qemu.Ask("gdbserver none");
            Assert.Throws<VmiDriverException>(() =>
            {
                while (driver.WaitForEvent(Soon, _ => VmiEventResponse.Continue, default))
                {
                    // Hits that came before.
                }
            });
        }
        qemu.WaitFor(() => qemu.IsRunning);
        var written = qemu.Serial.Length;
        qemu.WaitFor(() => qemu.Serial.Length > written);
    }

    [Fact]
    public void A_wait_is_cancelled_within_a_tenth_of_a_second()
    {
        using var qemu = BootSector.Boot(BootSector.Letter);
        using var driver = qemu.Attach();
        driver.EnableMonitor(new Amd64Monitor.Interrupt(ExceptionVector.Breakpoint));
        using var cancellation = new CancellationTokenSource(50);
        Assert.Throws<OperationCanceledException>(() => driver.WaitForEvent(Soon, _ => VmiEventResponse.Continue, cancellation.Token));
        Assert.True(qemu.IsRunning);
    }

    [Fact]
    public void A_hundred_attaches_leave_the_machine_as_it_was()
    {
        using var qemu = BootSector.Boot(BootSector.Letter);
        using var driver = qemu.Attach();
        for (var i = 0; i < 100; i++)
        {
            driver.EnableMonitor(new Amd64Monitor.Interrupt(ExceptionVector.Breakpoint));
            driver.InsertBreakpoint(At(OutInstruction));
            if (i % 2 == 0)
                driver.WaitForEvent(Soon, _ => VmiEventResponse.Continue, default);
            driver.Detach();
        }
        Assert.True(qemu.IsRunning);
        Assert.True(BootSector.Letter.SequenceEqual(qemu.PhysicalMemory(BootSector.Start, BootSector.Letter.Length)));
        Assert.DoesNotContain("gdb: ", qemu.Ask("info chardev"));
    }
}
