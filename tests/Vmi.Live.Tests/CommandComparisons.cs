using System.Globalization;
using System.Text;
using System.Text.Json;
using Vmi.Cli.Tests;
using Vmi.Guests;

namespace Vmi.Live.Tests;

/// <summary>Compares the JSON documents that the `vmi` command, as a process, writes of a guest with what that guest printed.</summary>
internal static class CommandComparisons
{
    /// <summary>One run of the command with `--json`: its name, then what follows the target.</summary>
    public delegate JsonElement Ask(string command, params string[] arguments);

    /// <summary>Those for which a guest has to print little.</summary>
    public static readonly IReadOnlyList<Action<Ask, GuestSpec, GuestTruth>> Main =
        [CompareInfo, ComparePs, CompareThreads, CompareModules, CompareMaps, CompareDmesg, CompareSym, CompareRead, CompareTranslate];

    public static readonly IReadOnlyList<Action<Ask, GuestSpec, GuestTruth>> All =
        [.. Main, CompareModuleSym, CompareEnv, CompareFiles, CompareCarve, CompareSockets, CompareMounts,
            CompareSyscalls];

    /// <summary>Asks a command about a target; what is not all or says anything else fails.</summary>
    public static Ask Asking(string program, string target) => (command, arguments) =>
        VmiCommandLine.RunProgram(program, [command, target, .. arguments, "--json"]).Json;

    public static void CompareInfo(Ask vmi, GuestSpec spec, GuestTruth truth)
    {
        var info = vmi("info");
        var kernel = info.GetProperty("kernel");
        Assert.Equal(spec.Vcpus, info.GetProperty("vcpus").GetInt32());
        Assert.InRange(info.GetProperty("memory_bytes").GetInt64() >> 20, spec.MemoryMiB, spec.MemoryMiB + 64);
        Assert.Equal(truth.Version, Text(kernel, "banner"));
        Assert.Equal(truth.Version.Split(' ')[2], Text(kernel, "release"));
        Assert.Equal(truth.CommandLine, Text(kernel, "command_line"));
        Assert.Equal("(none)", Text(kernel, "host_name"));
        Assert.Equal(truth.KernelSymbol("_text"), Hex(kernel, "image_base"));
        Assert.Equal(spec.FiveLevel ? 5 : 4, kernel.GetProperty("paging_levels").GetInt32());
        Assert.Equal(spec.PageTableIsolation, kernel.GetProperty("page_table_isolation").GetBoolean());
        // The guest has gone on since it printed; an idle kernel's clock lags.
        var printed = truth.Uptime.TotalSeconds;
        Assert.InRange(kernel.GetProperty("uptime").GetDouble(), printed - 4, printed + 3600);
        var booted = kernel.GetProperty("boot_time").GetDateTimeOffset();
        Assert.InRange(booted, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow);
    }

    public static void ComparePs(Ask vmi, GuestSpec spec, GuestTruth truth)
    {
        var processes = vmi("ps").EnumerateArray().ToDictionary(each => each.GetProperty("pid").GetInt32());
        Assert.Equal(
            TruthLines.Processes(truth),
            processes.Values.Where(each => TruthLines.IsLasting(Text(each, "name")!, Flag(each, "kernel_thread")))
                .Select(each => TruthLines.Process(
                    Number(each, "pid"), Number(each, "ppid"), Text(each, "name")!, Text(each, "state")![0], Flag(each, "kernel_thread"),
                    Ticks(each)))
                .Order(StringComparer.Ordinal));
        foreach (var expected in truth.Processes.Where(each => each.IsLasting))
        {
            var process = processes[expected.Id];
            Assert.Equal(expected.Id, process.GetProperty("tgid").GetInt32());
            var commandLine = expected.IsKernelThread ? null : string.Join(' ', expected.Arguments).TrimEnd(' ');
            Assert.Equal(commandLine, Text(process, "command_line")?.TrimEnd(' '));
            Assert.Equal(expected.Executable, Text(process, "executable"));
            Assert.Equal(expected.UserIds.Take(2), [process.GetProperty("uid").GetInt32(), process.GetProperty("euid").GetInt32()]);
            Assert.Equal(expected.GroupIds.Take(2), [process.GetProperty("gid").GetInt32(), process.GetProperty("egid").GetInt32()]);
            Assert.Equal(0UL, Hex(process, "translation_root") % Frame.Size);
        }

        // Whoever shares an address space or a task has it by name: all others have their own.
        Assert.Equal(processes.Count, processes.Values.Select(each => Hex(each, "address")).Distinct().Count());
    }

    public static void CompareThreads(Ask vmi, GuestSpec spec, GuestTruth truth)
    {
        var threads = vmi("threads").EnumerateArray().ToLookup(each => each.GetProperty("tgid").GetInt32());
        foreach (var expected in truth.Processes.Where(each => each.IsLasting))
        {
            Assert.Equal(
                TruthLines.Threads(expected),
                threads[expected.Id].Select(each => TruthLines.Thread(
                    Number(each, "tgid"), Number(each, "tid"), Text(each, "name")!, Text(each, "state")![0], Flag(each, "kernel_thread"),
                    Ticks(each)))
                    .Order(StringComparer.Ordinal));
            Assert.All(threads[expected.Id], each => Assert.Equal(expected.Name, Text(each, "process_name")));
        }
    }

    public static void CompareModules(Ask vmi, GuestSpec spec, GuestTruth truth) => Assert.Equal(
        TruthLines.Modules(truth),
        vmi("modules").EnumerateArray().Select(each => TruthLines.Module(
            Text(each, "name")!, each.GetProperty("size").GetUInt64(), each.GetProperty("references").GetInt32(),
            each.GetProperty("used_by").EnumerateArray().Select(user => user.GetString()!), Text(each, "state")!, Hex(each, "address"))));

    /// <summary>The process with every kind of mapping, and one with libraries.</summary>
    public static void CompareMaps(Ask vmi, GuestSpec spec, GuestTruth truth)
    {
        foreach (var process in new[] { truth.InRole("mappings"), truth.InRole("dynamic") })
        {
            Assert.Equal(
                TruthLines.Regions(process),
                vmi("maps", Decimal(process.Id)).EnumerateArray().Select(each => TruthLines.Region(
                    Hex(each, "start"), Hex(each, "end"), Text(each, "protection")!, each.GetProperty("offset").GetUInt64(),
                    Text(each, "device")!, each.GetProperty("inode").GetUInt64(), Text(each, "path"))));
        }
    }

    /// <summary>All that was printed must be there; what the kernel said later follows.</summary>
    public static void CompareDmesg(Ask vmi, GuestSpec spec, GuestTruth truth)
    {
        var first = truth.LogRecords[0].Sequence;
        Assert.Equal(
            TruthLines.Log(truth),
            vmi("dmesg").EnumerateArray().SkipWhile(each => each.GetProperty("sequence").GetUInt64() < first)
                .Take(truth.LogRecords.Count)
                .Select(each => TruthLines.LogRecord(
                    each.GetProperty("facility").GetInt32(), each.GetProperty("level").GetInt32(), each.GetProperty("sequence").GetUInt64(),
                    Nanoseconds(each, "timestamp"), Encoding.UTF8.GetBytes(Text(each, "text")!))));
    }

    public static void CompareSym(Ask vmi, GuestSpec spec, GuestTruth truth)
    {
        var expected = truth.Symbols.First(symbol => symbol is { Name: "linux_banner", Module: null });
        var byName = Assert.Single(vmi("sym", expected.Name).EnumerateArray());
        var byAddress = Assert.Single(vmi("sym", $"0x{expected.Address + 5:x}").EnumerateArray());
        foreach (var (symbol, offset) in new[] { (byName, 0), (byAddress, 5) })
        {
            Assert.Equal((expected.Name, expected.Address), (Text(symbol, "name"), Hex(symbol, "address")));
            Assert.Equal((offset, expected.Type.ToString()), (symbol.GetProperty("offset").GetInt32(), Text(symbol, "type")));
        }
    }

    /// <summary>A module's symbol by name and by address, and a type that only the module has.</summary>
    public static void CompareModuleSym(Ask vmi, GuestSpec spec, GuestTruth truth)
    {
        var expected = truth.Symbols.First(symbol => symbol is { Name: "dm_get_md", Module: "dm_mod" });
        var byName = Assert.Single(vmi("sym", expected.Name).EnumerateArray());
        var byAddress = Assert.Single(vmi("sym", $"0x{expected.Address + 3:x}").EnumerateArray());
        foreach (var (symbol, offset) in new[] { (byName, 0), (byAddress, 3) })
        {
            Assert.Equal((expected.Name, expected.Address), (Text(symbol, "name"), Hex(symbol, "address")));
            Assert.Equal((offset, "dm_mod"), (symbol.GetProperty("offset").GetInt32(), Text(symbol, "module")));
        }

        Assert.Equal("struct mapped_device", Text(vmi("type", "mapped_device", "--module", "dm_mod"), "name"));
    }

    public static void CompareRead(Ask vmi, GuestSpec spec, GuestTruth truth)
    {
        var banner = Encoding.UTF8.GetBytes(truth.Version);
        Assert.Equal(banner, Bytes(vmi("read", "linux_banner", Decimal(banner.Length))));

        // A text that crosses pages.
        var content = truth.Content("narrow");
        var read = vmi("read", $"0x{content.Address:x}", $"0x{content.Bytes.Length:x}", "--pid", Decimal(content.ProcessId));
        Assert.Equal(content.Bytes, Bytes(read));
    }

    public static void CompareTranslate(Ask vmi, GuestSpec spec, GuestTruth truth)
    {
        var page = truth.Page("secrets", "secret");
        var walk = vmi("translate", $"0x{page.Address + 0x123:x}", "--pid", Decimal(page.ProcessId));
        Assert.Equal((page.Frame!.Value << Frame.Shift) + 0x123, Hex(walk, "physical_address"));
        Assert.Equal(spec.FiveLevel ? 5 : 4, walk.GetProperty("entries").GetArrayLength());
        Assert.True(Flag(walk, "user") && Flag(walk, "writable"));

        var untouched = truth.Page("secrets", "never-touched");
        var nowhere = vmi("translate", $"0x{untouched.Address:x}", "--pid", Decimal(untouched.ProcessId));
        Assert.Null(Text(nowhere, "physical_address"));
        Assert.Contains($"{untouched.Address:x}", Text(nowhere, "fault"));
    }

    public static void CompareEnv(Ask vmi, GuestSpec _, GuestTruth truth)
    {
        var process = truth.InRole("holder");
        Assert.Equal(
            process.Environment,
            vmi("env", Decimal(process.Id)).EnumerateArray().Select(each => $"{Text(each, "name")}={Text(each, "value")}"));
    }

    public static void CompareFiles(Ask vmi, GuestSpec _, GuestTruth truth)
    {
        var process = truth.InRole("files");
        var files = vmi("files", Decimal(process.Id)).EnumerateArray().ToLookup(each => Text(each, "use")!);
        Assert.Equal(
            (process.WorkingDirectory, process.Root, process.Executable),
            (PathOf("cwd"), PathOf("root"), PathOf("exe")));
        Assert.Equal(
            process.Files.Select(each => (each.Descriptor, each.Path, (ulong)each.Flags, each.Position)),
            files["open"].Select(each => (
                each.GetProperty("descriptor").GetInt32(), Text(each, "path")!, Hex(each, "flags"),
                each.GetProperty("position").GetUInt64())));
        string[] kinds = ["file", "directory", "character", "pipe", "anon_inode"];
        Assert.Superset(kinds.ToHashSet(), files["open"].Select(each => Text(each, "kind")!).ToHashSet());

        string? PathOf(string use) => Text(Assert.Single(files[use]), "path");
    }

    public static void CompareCarve(Ask vmi, GuestSpec _, GuestTruth truth)
    {
        var output = Path.Combine(Path.GetTempPath(), $"vmi-carved-{Environment.ProcessId}");
        try
        {
            var entry = Assert.Single(vmi("carve", "/mnt/files/link", "-o", output).EnumerateArray());
            Assert.Equal(("/mnt/files/holed", 0), (Text(entry, "path"), entry.GetProperty("missing").GetArrayLength()));
            Assert.Equal(truth.Files["mnt/files/link"], File.ReadAllBytes(output));
            // What runs, and is gone from its directory.
            var program = Assert.Single(vmi("carve", "--pid", Decimal(truth.InRole("deleted").Id), "-o", output).EnumerateArray());
            Assert.Equal("/bin/gone (deleted)", Text(program, "path"));
            vmi("carve", "/bin/zoo", "-o", $"{output}-zoo");
            Assert.Equal(File.ReadAllBytes($"{output}-zoo"), File.ReadAllBytes(output));
        }
        finally
        {
            File.Delete(output);
            File.Delete($"{output}-zoo");
        }
    }

    public static void CompareSockets(Ask vmi, GuestSpec _, GuestTruth truth)
    {
        var process = truth.InRole("sockets");
        var all = vmi("sockets").EnumerateArray().ToLookup(each => each.GetProperty("pid").ValueKind == JsonValueKind.Null);
        Assert.Contains(all[true], each => (Text(each, "state"), each.GetProperty("local_port").GetInt32()) == ("established", 4444));
        var sockets = all[false].Where(each => Number(each, "pid") == process.Id).ToList();
        Assert.Equal(
            process.Files.Select(each => each.Path).Where(path => path.StartsWith("socket:", StringComparison.Ordinal)),
            sockets.Select(each => $"socket:[{each.GetProperty("inode").GetUInt64()}]"));
        Assert.Contains(sockets, each => (Text(each, "local_address"), each.GetProperty("uid").GetInt32()) == ("127.0.0.2", 1009)
            && each.GetProperty("local_port").GetInt32() == 7777);
        Assert.Contains(sockets, each => (Text(each, "path"), Text(each, "state")) == ("/mnt/a socket", "listen"));
    }

    public static void CompareMounts(Ask vmi, GuestSpec _, GuestTruth truth)
    {
        foreach (var (process, mounts) in new[]
        {
            (truth.InRole("holder"), vmi("mounts", Decimal(truth.InRole("holder").Id))),
            (truth.Processes[0], vmi("mounts")),
        })
        {
            Assert.Equal(
                process.Mounts.Select(each => (each.Id, each.Path, each.Device, each.Options, each.FileSystem)),
                mounts.EnumerateArray().Select(each => (
                    each.GetProperty("id").GetInt32(), Text(each, "path")!, Text(each, "device")!, Text(each, "options")!,
                    Text(each, "file_system")!)));
        }
    }

    public static void CompareSyscalls(Ask vmi, GuestSpec _, GuestTruth truth)
    {
        var handlers = vmi("syscalls").EnumerateArray().ToList();
        var execve = handlers.Single(each => (Text(each, "table"), each.GetProperty("number").GetInt32()) == ("syscalls", 59));
        Assert.Equal(("execve", "__x64_sys_execve"), (Text(execve, "name"), Text(execve, "symbol")));
        Assert.Equal(truth.KernelSymbol("__x64_sys_execve"), Hex(execve, "address"));
        Assert.All(handlers, each => Assert.True(Flag(each, "in_kernel_text")));
    }

    /// <summary>A string property; null where it is null.</summary>
    public static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    /// <summary>An address or register: a string of `0x` and lower-case digits.</summary>
    public static ulong Hex(JsonElement element, string name)
    {
        var text = Text(element, name)!;
        Assert.Matches("^0x[0-9a-f]+$", text);
        return ulong.Parse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }

    private static string Decimal(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static uint Number(JsonElement element, string name) => element.GetProperty(name).GetUInt32();

    private static bool Flag(JsonElement element, string name) => element.GetProperty(name).GetBoolean();

    private static ulong Ticks(JsonElement element) => TruthLines.Ticks(Nanoseconds(element, "start_time"));

    private static ulong Nanoseconds(JsonElement element, string name) => (ulong)(element.GetProperty(name).GetDecimal() * 1_000_000_000);

    private static byte[] Bytes(JsonElement document)
    {
        var bytes = Convert.FromHexString(Text(document, "bytes")!);
        Assert.Equal(bytes.Length, document.GetProperty("length").GetInt32());
        return bytes;
    }
}
