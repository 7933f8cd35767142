using System.Globalization;
using Vmi.Guests;

namespace Vmi.Live.Tests;

/// <summary>The programs that the tests of events drive do what they say, by their own words and by what follows from those.</summary>
public sealed class PuppetTests(TracedGuests guests)
{
    private const int CallsARound = 40;
    private const long NoEntry = -2, BadDescriptor = -9, BadAddress = -14, ConnectionRefused = -111;

    private GuestControl Control => guests[GuestSpecs.Traced1.Name].Control;

    [Fact]
    public void The_puppet_is_at_rest_in_the_truth()
    {
        var puppet = Assert.Single(guests[GuestSpecs.Traced1.Name].Truth.Processes, process => process.Name == "puppet");
        Assert.Equal('S', puppet.State);
        Assert.Single(puppet.Threads);
    }

    [Fact]
    public void Calls_depend_on_the_round_and_nothing_else()
    {
        using var program = Control.Start("calls 3");
        var calls = PuppetCall.Parse(program.Go());
        Assert.Equal(3 * CallsARound, calls.Count);
        // The same program again; what the kernel chooses may differ.
        var again = PuppetCall.Parse(program.Go());
        Assert.Equal(calls.Select(call => (call.Name, Outcome(call))), again.Select(call => (call.Name, Outcome(call))));

        for (var round = 1; round <= 3; round++)
        {
            var part = calls.Skip((round - 1) * CallsARound).Take(CallsARound).ToList();
            Assert.Equal(program.Pid, part.Single(call => call.Name == "getpid").Result);
            Assert.Equal(round, part.Single(call => call.Name == "lseek").Result);
            // Byte i of the file is i.
            var read = part.Single(call => call.Name == "read");
            Assert.Equal(Convert.ToHexStringLower([.. Enumerable.Range(round, 1 + round).Select(i => (byte)i)]), read.Pointed["data"]);
            Assert.Equal(1 + round, read.Result);
            Assert.Contains(part, call => call.Name == "openat" && call.Result == NoEntry && call.Pointed["path"].EndsWith($"g {round}"));
            Assert.Contains(part, call => call.Name == "openat" && call.Result == BadAddress);
            Assert.Contains(part, call => call.Name == "close" && call.Result == BadDescriptor);
            Assert.Contains(part, call => call.Name == "connect" && call.Result == ConnectionRefused
                && call.Pointed["inet"] == $"127.0.0.{1 + round}:{1024 + round}");
            var exit = part.Single(call => call.Result is null);
            Assert.Equal(exit.Tid, part.Single(call => call.Name == "clone").Result);
            Assert.Equal(exit.Tid, part.Single(call => call.Name == "wait4").Result);
            Assert.Equal((ulong)round, exit.Arguments.Single());
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_loop_counts_what_it_was_told_for_each_thread(int threads)
    {
        using var program = Control.Start($"loop 5000 {threads}");
        Assert.Equal(threads, program.Tids.Distinct().Count());
        Assert.Equal(program.Pid, program.Tids[0]);
        Assert.Equal(threads, program.Addresses("counters").Distinct().Count());
        Assert.Equal($"ok counters={string.Join(',', Enumerable.Repeat(5000, threads))}", program.Go());
        Assert.Equal($"ok counters={string.Join(',', Enumerable.Repeat(10000, threads))}", program.Go());
    }

    [Fact]
    public void Writes_end_with_the_last_value()
    {
        using var alone = Control.Start("writes 7 3");
        Assert.Equal(0ul, alone.Address("variable") % 4096);
        Assert.Equal("ok writes=7 reads=3 last=0x7", alone.Go());
        using var pair = Control.Start("writes 7 3 2");
        Assert.Equal(2, pair.Tids.Count);
        var last = PuppetProgram.ValuesOf(pair.Go())["last"];
        Assert.True(last is "0x7" or "0x100000007", last);
    }

    [Fact]
    public void Steps_compute_what_their_instructions_say()
    {
        using var program = Control.Start("steps");
        var addresses = program.Addresses("addresses");
        Assert.Equal(32, addresses.Count);
        Assert.Equal(program.Address("begin"), addresses[0]);
        // nop, add, lea, xor: 1, 4, 4 and 3 bytes.
        int[] lengths = [1, 4, 4, 3];
        Assert.All(addresses.Append(program.Address("end")).Skip(1).Index(),
            pair => Assert.Equal(addresses[pair.Index] + (ulong)lengths[pair.Index % 4], pair.Item));

        var value = 77ul;
        for (var i = 0; i < 8; i++)
        {
            value += 3;
            value ^= 2 * value;
        }
        Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"ok from=0x4d rax=0x{value:x}"), program.Go("77"));
    }

    [Fact]
    public void A_program_is_executed_as_often_as_told()
    {
        using var program = Control.Start("exec 3 /bin/busybox true one [two]");
        var lines = program.Go().Split('\n')[1..];
        Assert.Equal(3, lines.Length);
        Assert.All(lines.Index(), line => Assert.EndsWith($"\t0\t/bin/busybox\ttrue\tone\t[two]\tround-{line.Index + 1}", line.Item));
        Assert.Equal(3, lines.Select(line => line.Split('\t')[0]).Distinct().Count());
    }

    [Fact]
    public void A_module_comes_and_goes()
    {
        using var program = Control.Start("modules nls_iso8859_1 2");
        var calls = PuppetCall.Parse(program.Go());
        Assert.Equal(["openat", "finit_module", "close", "delete_module", "init_module", "delete_module"], calls.Select(call => call.Name));
        Assert.All(calls, call => Assert.True(call.Result >= 0, call.ToString()));
    }

    [Fact]
    public void Programs_run_side_by_side()
    {
        using var busy = Control.Start("busy 2");
        Assert.Equal("ok running=2", busy.Go());
        using var one = Control.Start("loop 100000");
        using var other = Control.Start("loop 200000");
        one.Run();
        other.Run();
        Assert.Equal("ok counters=200000", other.Wait());
        Assert.Equal("ok counters=100000", one.Wait());
        Assert.True(long.Parse(PuppetProgram.ValuesOf(busy.Stop())["least"], CultureInfo.InvariantCulture) > 0);
    }

    [Fact]
    public void A_page_vanishes_and_comes_back()
    {
        using var program = Control.Start("unmapped");
        Assert.Equal("ok calls=3", program.Go("call call touch"));
        Assert.Equal("ok calls=1", program.Go("protect allow unmap map call"));
        var failure = Assert.Throws<GuestException>(() => program.Go("unmap call"));
        Assert.Contains("was ended by signal 11", failure.Message);
    }

    [Fact]
    public void A_command_begun_is_carried_out_while_something_else_is_done()
    {
        using var program = Control.Start("loop 1000");
        using (guests[GuestSpecs.Traced1.Name].Pause())
            program.BeginGo();
        Assert.Equal("ok counters=1000", program.EndGo());
    }

    [Theory]
    [InlineData("")]
    [InlineData("dance 1")]
    [InlineData("go 1")]
    [InlineData("start nothing")]
    [InlineData("start loop many")]
    [InlineData("start calls 2001")]
    [InlineData("start modules none")]
    public void What_makes_no_sense_is_refused_and_the_next_command_is_served(string command)
    {
        Assert.Contains("error", Assert.Throws<GuestException>(() => Control.Send(command)).Message);
        using var program = Control.Start("loop 1");
        Assert.Equal("ok counters=1", program.Go());
    }

    /// <summary>What does not depend on the kernel's choice of numbers and addresses.</summary>
    private static string Outcome(PuppetCall call)
        => call.Name is "clone" or "wait4" or "mmap" or "exit_group"
            ? ""
            : $"{call.Result} {string.Join(' ', call.Pointed.Where(pair => pair.Key != "data").Select(pair => pair.Value))}";
}
