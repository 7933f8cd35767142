using System.Diagnostics;
using System.Net.Sockets;

namespace Vmi.Qemu.Tests;

public class MonitorTests
{
    private static readonly QemuOptions Hasty = new() { GreetingTimeout = TimeSpan.FromSeconds(0.5), CommandTimeout = TimeSpan.FromSeconds(1) };

    private static string ErrorOf(string target, QemuOptions? options = null)
    {
        var message = Assert.Throws<VmiDriverException>(() => QemuDriver.Open(target, options).Dispose()).Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }

    [Fact]
    public void A_monitor_held_by_another_client_is_an_error_within_two_seconds_that_names_its_pid()
    {
        using var qemu = TestQemu.Start("-m", "16M", "-S");
        // The holder is another process, so that it has another pid.
        using var holder = Process.Start(new ProcessStartInfo("/usr/bin/env", [
            "python3", "-c", "import socket,sys; s=socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); s.recv(1); print('held', flush=True); sys.stdin.read()",
            qemu.Socket])
        { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        Assert.Equal("held", holder.StandardOutput.ReadLine());
        var watch = Stopwatch.StartNew();
        var message = ErrorOf(qemu.Socket);
        Assert.InRange(watch.Elapsed.TotalSeconds, 1.9, 4);
        Assert.Contains("held by another client", message);
        Assert.True(message.Contains($"pid {holder.Id}", StringComparison.Ordinal), message + holder.Id);
        holder.StandardInput.Close();
        holder.WaitForExit();
        qemu.Attach().Dispose();
    }

    [Fact]
    public void A_socket_that_is_missing_or_deserted_is_an_error_that_says_what_to_do()
    {
        Assert.Contains("-qmp unix:/nowhere/qmp.sock", ErrorOf("/nowhere/qmp.sock"));
        Assert.Contains("too long", ErrorOf("/" + new string('x', 200)));
        string socket;
        using (var fake = new FakeMonitor(_ => { }))
        {
            socket = fake.Path;
            Assert.Contains("closed the monitor", ErrorOf(socket));
            File.Copy("/dev/null", socket + ".copy");
            File.Move(socket, socket + ".kept");
            fake.Dispose();
            Assert.Contains("Nobody listens", ErrorOf(socket + ".kept"));
            Assert.Contains("Nobody listens", ErrorOf(socket + ".copy"));
            File.Delete(socket + ".kept");
            File.Delete(socket + ".copy");
        }
    }

    [Fact]
    public void A_human_monitor_is_told_from_a_QMP_one()
    {
        using var qemu = TestQemu.StartWith(monitors: false, "-m", "16M", "-S", "-monitor", "unix:h.sock,server=on,wait=off");
        qemu.WaitFor(() => qemu.Listens("h.sock"));
        Assert.Contains("does not speak QMP", ErrorOf(Path.Combine(qemu.Directory, "h.sock")));
        Assert.Contains("human monitor only", ErrorOf($"pid={qemu.Pid}"));
    }

    [Fact]
    public void A_pretty_printing_monitor_works_as_well()
    {
        using var qemu = TestQemu.Start("-m", "16M", "-S", "-qmp-pretty", "unix:p.sock,server=on,wait=off");
        using var driver = QemuDriver.Open(Path.Combine(qemu.Directory, "p.sock"));
        Assert.Equal(1, driver.Info.Vcpus);
    }

    [Fact]
    public void An_abstract_socket_is_attached_to_by_its_name()
    {
        var name = $"vmi-test-{Guid.NewGuid():N}";
        using var qemu = TestQemu.Start("-m", "16M", "-S", "-qmp", $"unix:{name},abstract=on,server=on,wait=off");
        using var driver = QemuDriver.Open("@" + name);
        Assert.Equal(qemu.Pid, driver.Pid);
    }

    [Fact]
    public void A_VM_that_dies_is_reported_as_gone_by_every_call()
    {
        using var qemu = TestQemu.Start("-m", "16M");
        using var driver = qemu.Attach();
        driver.Pause();
        qemu.Kill();
        var gone = $"(pid {qemu.Pid})";
        Assert.Contains(gone, Assert.Throws<VmiDriverException>(() => driver.Read(new Pa(0), new byte[1])).Message);
        Assert.Contains(gone, Assert.Throws<VmiDriverException>(() => driver.ReadMany([new PhysicalRead(new Pa(0), new byte[1])])).Message);
        Assert.Contains(gone, Assert.Throws<VmiDriverException>(() => driver.Info).Message);
        Assert.Contains(gone, Assert.Throws<VmiDriverException>(() => driver.GetRegisters(default)).Message);
        Assert.Contains(gone, Assert.Throws<VmiDriverException>(() => driver.Write(new Pa(0), "x"u8)).Message);
        Assert.Contains(gone, Assert.Throws<VmiDriverException>(driver.Resume).Message);
    }

    [Fact]
    public void A_VM_with_shared_memory_that_dies_is_not_read_from_its_file()
    {
        using var qemu = TestQemu.Start(
            "-S", "-m", "16M", "-object", "memory-backend-memfd,id=ram,size=16M", "-machine", "pc,memory-backend=ram");
        using var driver = qemu.Attach();
        Assert.True(driver.TryGetSpan(new Pa(0), 1, out _));
        qemu.Kill();
        SpinWait.SpinUntil(() => !driver.TryGetSpan(new Pa(0), 1, out _), TimeSpan.FromSeconds(5));
        Assert.Throws<VmiDriverException>(() => driver.Read(new Pa(0), new byte[1]));
    }

    [Fact]
    public void A_VM_that_quits_in_the_middle_is_an_error_and_no_hang()
    {
        using var qemu = TestQemu.Start("-m", "16M", "-S");
        using var driver = qemu.Attach();
        qemu.Second.Execute("quit");
        var watch = Stopwatch.StartNew();
        Assert.Throws<VmiDriverException>(() =>
        {
            while (watch.Elapsed < TimeSpan.FromSeconds(10))
                _ = driver.Info;
        });
    }

    [Theory]
    [InlineData("not json at all")]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n")]
    [InlineData("{{{{]")]
    [InlineData("{\"QMP\"}")]
    [InlineData("{\"a\": \"\u0000")]
    [InlineData("[1,2,3]")]
    [InlineData("{}{}{}")]
    [InlineData("{\"QMP\": 1}")]
    public void A_peer_that_is_no_QEMU_is_an_error(string sent)
    {
        using var fake = new FakeMonitor(client =>
        {
            FakeMonitor.Send(client, sent);
            FakeMonitor.Receive(client);
        });
        ErrorOf(fake.Path, Hasty);
    }

    [Theory]
    [InlineData("{\"a\": \"")]
    [InlineData("{")]
    [InlineData("{\"event\": \"RTC_CHANGE\"}")]
    public void A_peer_that_sends_without_end_is_cut_off_and_costs_no_memory(string repeated)
    {
        using var fake = new FakeMonitor(client =>
        {
            var block = string.Concat(Enumerable.Repeat(repeated, 10_000));
            while (true)
                FakeMonitor.Send(client, block);
        });
        var before = GC.GetTotalMemory(forceFullCollection: true);
        ErrorOf(fake.Path, Hasty);
        Assert.True(GC.GetTotalMemory(forceFullCollection: true) - before < 64 << 20);
    }

    [Theory]
    [InlineData("""{"return": 5, "id": ID}""")]
    [InlineData("""{"return": [], "id": ID}""")]
    [InlineData("""{"return": [5], "id": ID}""")]
    [InlineData("""{"return": [{"target": "x86_64", "thread-id": -1}], "id": ID}""")]
    [InlineData("""{"return": [{"target": "x86_64", "thread-id": 1e300}], "id": ID}""")]
    [InlineData("""{"return": [{"target": "\ud800", "thread-id": 1}], "id": ID}""")]
    [InlineData("""{"return": [{"target": "aarch64", "thread-id": 1}], "id": ID}""")]
    [InlineData("""{"return": [{"target": "x86_64", "thread-id": 1}], "id": ID}""")]
    [InlineData("""{"error": 7, "id": ID}""")]
    [InlineData("""{"error": {"desc": "no"}, "id": ID}""")]
    [InlineData("""{"return": {}, "id": 99999}""")]
    [InlineData("""{"id": ID}""")]
    public void Answers_of_a_wrong_form_are_errors(string answer)
    {
        using var fake = FakeMonitor.Answering(_ => answer);
        ErrorOf(fake.Path, Hasty);
    }

    [Fact]
    public void A_socket_that_closes_in_the_middle_of_a_command_is_an_error()
    {
        using var fake = new FakeMonitor(client =>
        {
            FakeMonitor.Send(client, FakeMonitor.Greeting);
            FakeMonitor.Receive(client);
            FakeMonitor.Send(client, """{"return""");
        });
        Assert.Contains("closed the monitor", ErrorOf(fake.Path, Hasty));
    }

    [Fact]
    public void A_late_answer_is_not_taken_for_that_of_the_next_command()
    {
        using var fake = FakeMonitor.Answering(line =>
        {
            if (line.Contains("slow", StringComparison.Ordinal))
                Thread.Sleep(1500);
            return line.Contains("slow", StringComparison.Ordinal) ? """{"return": "slow", "id": ID}""" : """{"return": "quick", "id": ID}""";
        });
        using var monitor = QmpSocketMonitor.Connect(fake.Path, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1));
        Assert.Contains("did not answer `slow`", Assert.Throws<VmiDriverException>(() => monitor.Execute("slow")).Message);
        Assert.Equal("quick", monitor.Execute("quick").GetString());
    }
}
