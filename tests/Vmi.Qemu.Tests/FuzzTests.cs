using System.Diagnostics;
using System.Text;

namespace Vmi.Qemu.Tests;

/// <summary>Each reader of text from outside, given answers of a real QEMU with random damage: documented errors only, and soon.</summary>
public class FuzzTests
{
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(1);

    [Fact]
    public void Damaged_layouts_raise_documented_errors_only() =>
        Fuzz(qemu => qemu.Ask("info mtree -f"), text =>
        {
            foreach (var range in FlatViewParser.Parse(text))
                Assert.True(range.Length > 0);
        });

    [Fact]
    public void Damaged_registers_raise_documented_errors_only() =>
        Fuzz(qemu => qemu.Ask("info registers -a"), text => RegisterText.Parse(text));

    [Fact]
    public void Damaged_maps_raise_documented_errors_only() =>
        Fuzz(qemu => File.ReadAllText($"/proc/{qemu.Pid}/maps"), text =>
        {
            var areas = HostArea.Parse(text);
            GuestLayout.Split(new FlatRange(0, 0x1000, "ram", 0, true), 0x7f0000000000, areas, _ => null, []);
        });

    [Fact]
    public void Damaged_command_lines_raise_no_error() =>
        Fuzz(qemu => File.ReadAllText($"/proc/{qemu.Pid}/cmdline"), text => QemuCommandLine.Parse(text.Split('\0')));

    [Fact]
    public void Damaged_host_addresses_raise_no_error() =>
        Fuzz(qemu => qemu.Ask("gpa2hva 0"), text => GuestLayout.TryParseHostAddress(text, out _, out _));

    [Fact]
    public void Damaged_QMP_raises_documented_errors_only() =>
        Fuzz(qemu => $"{FakeMonitor.Greeting}\n{qemu.Second.Execute("query-chardev").GetRawText()}\n{{\"return\": {{}}, \"id\": 1}}", text =>
        {
            var framer = new QmpFramer();
            framer.Append(Encoding.UTF8.GetBytes(text));
            while (framer.TryTake(out var json))
            {
                try
                {
                    using var document = System.Text.Json.JsonDocument.Parse(json.ToArray());
                    var result = QmpMessage.Result(document.RootElement, "x");
                    QmpMessage.Text(result, "label");
                    QmpMessage.Number(result, "label");
                    QmpMessage.Flag(result, "label");
                }
                catch (System.Text.Json.JsonException)
                {
                    // What the receiving thread makes of it is tested with fake monitors.
                }
            }
        });

    private static void Fuzz(Func<TestQemu, string> sample, Action<string> parse)
    {
        using var qemu = TestQemu.Start("-m", "16M", "-S", "-smp", "2");
        var seed = sample(qemu);
        var random = new Random(20);
        var watch = Stopwatch.StartNew();
        for (var round = 0; watch.Elapsed < Budget; round++)
        {
            var text = round % 20 == 0 ? Noise(random) : Damage(seed, random);
            var one = Stopwatch.StartNew();
            try
            {
                parse(text);
            }
            catch (VmiDriverException)
            {
                // The documented error.
            }
            Assert.True(one.Elapsed < TimeSpan.FromSeconds(5), text);
        }
    }

    private static string Noise(Random random)
    {
        var bytes = new byte[random.Next(2000)];
        random.NextBytes(bytes);
        return Encoding.Latin1.GetString(bytes);
    }

    private static string Damage(string seed, Random random)
    {
        var text = new StringBuilder(seed);
        for (var count = random.Next(1, 12); count > 0 && text.Length > 0; count--)
        {
            var at = random.Next(text.Length);
            switch (random.Next(5))
            {
                case 0:
                    text[at] = (char)random.Next(256);
                    break;
                case 1:
                    text[at] = "0123456789abcdefF-=@(): \n\0,{}[]\""[random.Next(31)];
                    break;
                case 2:
                    text.Remove(at, Math.Min(random.Next(40), text.Length - at));
                    break;
                case 3:
                    text.Insert(at, text.ToString(at, Math.Min(random.Next(200), text.Length - at)));
                    break;
                default:
                    text.Length = random.Next(10) == 0 ? at : text.Length;
                    break;
            }
        }
        return text.ToString();
    }
}
