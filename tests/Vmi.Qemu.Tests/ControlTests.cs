namespace Vmi.Qemu.Tests;

public class ControlTests
{
    [Fact]
    public void Pauses_are_counted()
    {
        using var qemu = TestQemu.Start("-m", "16M");
        using var driver = qemu.Attach();
        Assert.True(qemu.IsRunning);
        driver.Pause();
        driver.Pause();
        Assert.False(qemu.IsRunning);
        driver.Resume();
        Assert.False(qemu.IsRunning);
        driver.Resume();
        Assert.True(qemu.IsRunning);
        Assert.Throws<InvalidOperationException>(driver.Resume);
    }

    [Fact]
    public void A_VM_that_somebody_else_paused_stays_paused()
    {
        using var qemu = TestQemu.Start("-m", "16M", "-S");
        using (var driver = qemu.Attach())
        {
            driver.Pause();
            driver.Resume();
            Assert.False(qemu.IsRunning);
            driver.GetRegisters(default);
            Assert.False(qemu.IsRunning);
            driver.Pause();
        }
        Assert.False(qemu.IsRunning);
    }

    [Fact]
    public void Closing_the_driver_ends_its_pause()
    {
        using var qemu = TestQemu.Start("-m", "16M");
        var driver = qemu.Attach();
        driver.Pause();
        driver.Pause();
        driver.Dispose();
        driver.Dispose();
        Assert.True(qemu.IsRunning);
        Assert.Throws<ObjectDisposedException>(driver.Pause);
        Assert.Throws<ObjectDisposedException>(() => driver.Info);
        Assert.Throws<ObjectDisposedException>(() => driver.GetRegisters(default));
    }

    [Fact]
    public void What_the_driver_lacks_is_named()
    {
        using var qemu = TestQemu.Start("-m", "16M", "-S", "-name", "guest=lacking");
        using var driver = qemu.Attach();
        Assert.Equal($"QEMU lacking (pid {qemu.Pid})", driver.Name);
        Assert.Equal(qemu.Pid, driver.Pid);
        Assert.Contains("lacking", Assert.Throws<VmiNotSupportedException>(() => driver.AllocateGfn()).Message);
        Assert.Throws<VmiNotSupportedException>(() => driver.AllocateGfn(new Gfn(1)));
        Assert.Throws<VmiNotSupportedException>(() => driver.FreeGfn(new Gfn(1)));
        driver.ResetState();
    }

    [Fact]
    public void Many_threads_read_while_one_pauses_and_resumes()
    {
        using var qemu = BootSector.Boot(BootSector.Letter);
        using var driver = qemu.Attach();
        var wrong = 0;
        var readers = Enumerable.Range(0, 4).Select(reader => new Thread(() =>
        {
            var buffer = new byte[14];
            for (var i = 0; i < 2000; i++)
            {
                if (driver.Read(new Pa(BootSector.Start), buffer) != 14 || !buffer.AsSpan().SequenceEqual(BootSector.Letter))
                    Interlocked.Increment(ref wrong);
                if (i % 500 == reader)
                    _ = driver.Info;
            }
        })).ToArray();
        Array.ForEach(readers, reader => reader.Start());
        for (var i = 0; i < 20; i++)
        {
            driver.Pause();
            driver.GetRegisters(default);
            driver.Resume();
        }
        Array.ForEach(readers, reader => reader.Join());
        Assert.Equal(0, wrong);
        Assert.True(qemu.IsRunning);
    }
}
