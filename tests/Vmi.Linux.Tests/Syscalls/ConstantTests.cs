using System.Globalization;
using System.Reflection;
using System.Text;

namespace Vmi.Linux.Tests.Syscalls;

/// <summary>Every constant against the headers of this machine: a C program prints them all.</summary>
public sealed class ConstantTests
{
    // The kernel's headers where they can be had beside each other; a program of each group.
    private static readonly Dictionary<string, string[]> Headers = new()
    {
        ["FileConstants"] =
        [
            "linux/fcntl.h", "linux/openat2.h", "linux/fs.h", "linux/stat.h", "linux/mount.h", "linux/falloc.h",
            "linux/inotify.h", "linux/signalfd.h", "linux/timerfd.h", "linux/fadvise.h", "linux/close_range.h", "linux/xattr.h",
        ],
        ["FileConstants.Unmount"] = ["sys/mount.h"],
        ["FileConstants.Access"] = ["unistd.h"],
        ["FileConstants.Splice"] = ["fcntl.h"],
        ["FileConstants.EventDescriptor"] = ["sys/eventfd.h"],
        ["MemoryConstants"] = ["linux/mman.h", "linux/memfd.h", "linux/shm.h"],
        ["MemoryConstants.SharedAttach"] = ["sys/shm.h"],
        ["SignalConstants"] = ["linux/signal.h"],
        ["PollConstants"] = ["linux/poll.h", "linux/eventpoll.h"],
        ["ProcessConstants"] =
        [
            "linux/sched.h", "linux/wait.h", "linux/prctl.h", "asm/prctl.h", "linux/futex.h", "linux/ptrace.h", "asm/ptrace.h",
            "linux/resource.h", "linux/seccomp.h", "linux/random.h", "linux/reboot.h", "linux/time.h", "linux/timerfd.h", "linux/module.h",
        ],
        ["ProcessConstants.CloneWithSignal"] = ["linux/sched.h", "linux/signal.h"],
        ["ProcessConstants.Timer"] = ["time.h"],
        ["SocketConstants"] = ["sys/socket.h", "netinet/in.h", "linux/netlink.h", "linux/tcp.h"],
        ["SocketConstants.MessageFlags"] = ["sys/socket.h"],
        ["SocketConstants.Levels"] = ["sys/socket.h", "netinet/in.h", "netinet/tcp.h", "netinet/udp.h"],
        ["SocketConstants.InetProtocols"] = ["linux/in.h", "linux/in6.h"],
        ["Errno"] = ["linux/errno.h"],
    };

    // Of the kernel's include/linux/socket.h: no header that programs get has it.
    private const string KernelOnly = "MSG_BATCH";

    [Fact]
    public void Every_constant_is_what_the_headers_say()
    {
        var wrong = new List<string>();
        var folder = Directory.CreateTempSubdirectory("vmi-constants-");
        try
        {
            foreach (var group in Tables().GroupBy(table => HeadersOf(table.Owner, table.Field)))
                wrong.AddRange(Compare(folder.FullName, group.Key, [.. group.SelectMany(table => table.Entries)]));
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void The_tables_have_the_constants_that_the_test_compares()
    {
        Assert.True(Tables().Sum(table => table.Entries.Count) > 700);
        Assert.All(Tables(), table => Assert.NotEmpty(table.Entries));
    }

    private static string HeadersOf(string owner, string field) =>
        string.Join(' ', Headers.GetValueOrDefault($"{owner}.{field}") ?? Headers[owner]);

    private static List<(string Owner, string Field, IReadOnlyList<(ulong Value, string Name)> Entries)> Tables()
    {
        var tables = new List<(string, string, IReadOnlyList<(ulong, string)>)>();
        foreach (var type in typeof(LinuxOs).Assembly.GetTypes())
        {
            foreach (var field in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            {
                if (field.DeclaringType == typeof(Errno) && field.Name == nameof(Errno.Internal))
                    continue;
                if (field.FieldType == typeof(ConstantTable))
                    tables.Add((type.Name, field.Name, ((ConstantTable)field.GetValue(null)!).Entries));
                if (field.FieldType == typeof(FlagTable))
                {
                    var table = (FlagTable)field.GetValue(null)!;
                    tables.Add((type.Name, field.Name, [.. table.Flags, .. table.Field?.Entries ?? []]));
                }
            }
        }

        return tables;
    }

    private static IEnumerable<string> Compare(string folder, string headers, (ulong Value, string Name)[] entries)
    {
        var wanted = entries.Where(entry => entry.Name != KernelOnly).Distinct().ToArray();
        var source = new StringBuilder("#define _GNU_SOURCE\n#include <stdio.h>\n");
        foreach (var header in headers.Split(' '))
            source.Append(CultureInfo.InvariantCulture, $"#include <{header}>\n");
        source.Append("int main(void) {\n");
        foreach (var (_, name) in wanted)
            source.Append(CultureInfo.InvariantCulture, $"printf(\"{name} %llx\\n\", (unsigned long long)({name}));\n");
        source.Append("}\n");
        var program = Path.Combine(folder, "constants");
        File.WriteAllText(program + ".c", source.ToString());
        HostProgram.Run("gcc", "-w", "-o", program, program + ".c");
        var values = HostProgram.Run(program).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' '))
            .ToLookup(words => words[0], words => ulong.Parse(words[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        // Constants that are an int in C print their sign.
        return wanted
            .Where(entry => values[entry.Name].First() is var value && value != entry.Value
                && (value >> 32 != uint.MaxValue || (uint)value != entry.Value))
            .Select(entry => $"{entry.Name} is {values[entry.Name].First():x}, not {entry.Value:x}");
    }
}
