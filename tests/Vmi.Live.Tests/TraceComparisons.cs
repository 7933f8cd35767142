using System.Globalization;
using System.Text;
using Vmi.Guests;
using Vmi.Linux;

namespace Vmi.Live.Tests;

/// <summary>A decoded call against what the program that made it says.</summary>
internal static class TraceComparisons
{
    public static void AssertSame(PuppetCall said, SyscallCall call)
    {
        Assert.Equal((said.Name, said.Result), (call.Syscall.Name, call.Result));
        // Arguments without a meaning in this call are not shown; else those that the call has.
        Assert.InRange(call.Arguments.Count, Math.Max(0, said.Arguments.Count - 1), said.Arguments.Count);
        Assert.Equal(said.Arguments.Take(call.Arguments.Count), call.Arguments.Select(argument => argument.Value));
        foreach (var (what, value) in said.Pointed)
            AssertShown(what, value, call);
    }

    private static void AssertShown(string what, string value, SyscallCall call)
    {
        switch (what)
        {
            case "path":
                Assert.Equal(value, call.Arguments.Single(argument => argument.Kind == SyscallValueKind.Path).Content);
                return;
            case "data":
                var buffer = call.Arguments.Single(argument => argument.Kind == SyscallValueKind.Buffer).Text;
                Assert.Equal(value, Convert.ToHexStringLower(Unescape(buffer)));
                return;
            default:
                Assert.Contains(call.Arguments, argument => argument.Text.Contains(AsStrace(what, value), StringComparison.Ordinal));
                return;
        }
    }

    private static string AsStrace(string what, string value)
    {
        var parts = value.Split(':', '.', ',');
        return what switch
        {
            "unix" => $"sun_path=\"{value}\"",
            "inet" => $"sin_port=htons({parts[^1]}), sin_addr=inet_addr(\"{value.Split(':')[0]}\")",
            "pipe" => $"[{parts[0]}, {parts[1]}]",
            "time" => $"{{tv_sec={parts[0]}, tv_nsec={long.Parse(parts[1], CultureInfo.InvariantCulture)}}}",
            "status" => $"WEXITSTATUS(s) == {Convert.ToInt32(value, 16) >> 8}",
            _ => throw new ArgumentException($"The puppet says {what}, which is not compared."),
        };
    }

    /// <summary>The bytes of a string of C in quotes, with escapes as strace(1) writes them.</summary>
    private static byte[] Unescape(string text)
    {
        Assert.True(text is ['"', .., '"'], $"{text} is no whole string.");
        var bytes = new List<byte>();
        for (var i = 1; i < text.Length - 1; i++)
        {
            if (text[i] != '\\')
            {
                bytes.AddRange(Encoding.UTF8.GetBytes(text[i..(i + 1)]));
                continue;
            }
            var digits = text.AsSpan(++i).IndexOfAnyExceptInRange('0', '7');
            if (digits > 0)
            {
                digits = Math.Min(digits, 3);
                bytes.Add(Convert.ToByte(text.Substring(i, digits), 8));
                i += digits - 1;
                continue;
            }
            bytes.Add(text[i] switch { 'n' => 10, 't' => 9, 'r' => 13, 'v' => 11, 'f' => 12, var same => (byte)same });
        }
        return [.. bytes];
    }
}
