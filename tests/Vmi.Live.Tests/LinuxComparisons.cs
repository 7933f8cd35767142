using Vmi.Amd64;
using Vmi.Guests;
using Vmi.Linux;

namespace Vmi.Live.Tests;

/// <summary>
/// Compares what Vmi.Linux reads with what the guest printed. Each runs on a live guest and on every file format: the caller gives the
/// session. What changes by itself is compared by the rule beside it.
/// </summary>
public static class LinuxComparisons
{
    public static readonly IReadOnlyDictionary<string, Action<VmiSession<LinuxOs>, GuestTruth>> All =
        new Dictionary<string, Action<VmiSession<LinuxOs>, GuestTruth>>
        {
            ["system"] = CompareSystem,
            ["processes"] = CompareProcesses,
            ["credentials"] = CompareCredentials,
            ["command lines"] = CompareCommandLines,
            ["executables"] = CompareExecutables,
            ["threads"] = CompareThreads,
            ["regions"] = CompareRegions,
            ["region look-ups"] = CompareRegionLookups,
            ["modules"] = CompareModules,
            ["module symbols"] = CompareModuleSymbols,
            ["module types"] = CompareModuleTypes,
            ["log"] = CompareLog,
            ["pages"] = ComparePages,
            ["contents"] = CompareContents,
            ["architectures"] = CompareArchitectures,
            ["images"] = CompareImages,
            ["user modules"] = CompareUserModules,
            ["look-ups"] = CompareLookups,
            ["current processes"] = CompareCurrentProcesses,
            ["environments"] = FileComparisons.CompareEnvironments,
            ["directories"] = FileComparisons.CompareDirectories,
            ["files"] = FileComparisons.CompareFiles,
            ["contents of files"] = FileComparisons.CompareFileContents,
            ["sockets"] = FileComparisons.CompareSockets,
            ["unowned sockets"] = FileComparisons.CompareUnownedSockets,
            ["mounts"] = FileComparisons.CompareMounts,
            ["namespaces"] = FileComparisons.CompareNamespaces,
            ["handlers"] = HandlerComparisons.Compare,
            ["stacks"] = StackComparisons.Compare,
            ["kernel threads"] = StackComparisons.CompareFunctions,
        };

    public static void CompareSystem(VmiSession<LinuxOs> session, GuestTruth truth)
    {
        using var paused = session.PauseGuard();
        var os = paused.State.Os;
        Assert.Equal(truth.Version, os.KernelInformationString);
        Assert.Equal(truth.Release, os.KernelRelease);
        Assert.Equal(truth.CommandLine, os.KernelCommandLine);
        Assert.Equal(new Va(truth.KernelSymbol("_text")), os.KernelImageBase);
        Assert.Equal("(none)", os.HostName);
        // The guest has gone on since it printed; a guest left alone for an hour would fail here. An idle kernel's clock lags.
        Assert.InRange(os.Uptime!.Value, truth.Uptime - TimeSpan.FromSeconds(4), truth.Uptime + TimeSpan.FromHours(1));
        // QEMU sets the guest's clock by the host's, and these guests were booted for these tests.
        Assert.InRange(os.BootTime!.Value, DateTimeOffset.UtcNow.AddHours(-2), DateTimeOffset.UtcNow);
        var idle = os.SystemProcess();
        Assert.Equal((0u, "swapper/0"), (idle.Id.Value, idle.Name));
    }

    /// <summary>All processes, both ways. Kernel workers come, go and are renamed: those are left out.</summary>
    public static void CompareProcesses(VmiSession<LinuxOs> session, GuestTruth truth)
    {
        using var paused = session.PauseGuard();
        var found = paused.State.Os.Processes();
        Assert.Null(found.Incomplete);
        var actual = found.Where(each => TruthLines.IsLasting(each.Name, each.IsKernelThread))
            .Select(each => TruthLines.Process(
                each.Id.Value, each.ParentId.Value, each.Name, each.State, each.IsKernelThread,
                TruthLines.Ticks(each.StartTimeNanoseconds)))
            .Order(StringComparer.Ordinal);
        Assert.Equal(TruthLines.Processes(truth), actual);
    }

    public static void CompareCredentials(VmiSession<LinuxOs> session, GuestTruth truth)
    {
        using var paused = session.PauseGuard();
        foreach (var (process, expected) in Pairs(paused.State.Os, truth))
        {
            var cred = process.Credentials!;
            Assert.Equal(expected.UserIds.Select(id => (uint)id), [cred.Uid, cred.EffectiveUid, cred.SavedUid, cred.FileSystemUid]);
            Assert.Equal(expected.GroupIds.Select(id => (uint)id), [cred.Gid, cred.EffectiveGid, cred.SavedGid, cred.FileSystemGid]);
        }
    }

    public static void CompareCommandLines(VmiSession<LinuxOs> session, GuestTruth truth)
    {
        using var paused = session.PauseGuard();
        foreach (var (process, expected) in Pairs(paused.State.Os, truth))
        {
            var arguments = process.Arguments();
            Assert.Null(arguments.Incomplete);
            Assert.Equal(expected.Arguments, arguments);
            Assert.Equal(expected.IsKernelThread ? null : string.Join(' ', expected.Arguments).TrimEnd(' '), process.CommandLine?.TrimEnd(' '));
        }
    }

    public static void CompareExecutables(VmiSession<LinuxOs> session, GuestTruth truth)
    {
        using var paused = session.PauseGuard();
        foreach (var (process, expected) in Pairs(paused.State.Os, truth))
        {
            Assert.Equal(expected.Executable, process.ExecutablePath);
            // The process "mappings" maps its own file once more, as data.
            var starts = expected.Mappings.Where(mapping => mapping.Path is not null && mapping.Path == expected.Executable && mapping.Offset == 0)
                .Select(mapping => (Va?)new Va(mapping.Start)).ToList();
            if (starts.Count == 0)
                Assert.Null(process.ImageBase);
            else if (expected.Role == "mappings")
                Assert.Contains(process.ImageBase, starts);
            else
                Assert.Equal(starts[0], process.ImageBase);
        }
    }

    public static void CompareThreads(VmiSession<LinuxOs> session, GuestTruth truth)
    {
        using var paused = session.PauseGuard();
        foreach (var (process, expected) in Pairs(paused.State.Os, truth))
        {
            var threads = process.Threads();
            Assert.Null(threads.Incomplete);
            Assert.Equal(
                TruthLines.Threads(expected),
                threads.Select(each => TruthLines.Thread(
                    each.ProcessId.Value, each.Id.Value, each.Name, each.State, expected.IsKernelThread,
                    TruthLines.Ticks(each.StartTimeNanoseconds)))
                    .Order(StringComparer.Ordinal));
            Assert.All(threads, each => Assert.Equal(process.Id, each.ProcessId));
            Assert.All(threads, each => Assert.Equal(process.Object, each.Process.Object));
        }
    }

    /// <summary>Every line of every /proc/PID/maps.</summary>
    public static void CompareRegions(VmiSession<LinuxOs> session, GuestTruth truth)
    {
        using var paused = session.PauseGuard();
        foreach (var (process, expected) in Pairs(paused.State.Os, truth))
        {
            var regions = process.Regions();
            Assert.Null(regions.Incomplete);
            Assert.Equal(
                TruthLines.Regions(expected),
                regions.Select(each => TruthLines.Region(
                    each.Start.Value, each.End.Value, each.Permissions, each.Offset, $"{each.DeviceMajor:x2}:{each.DeviceMinor:x2}",
                    each.Inode, each.Path)));
        }
    }

    public static void CompareRegionLookups(VmiSession<LinuxOs> session, GuestTruth truth)
    {
        using var paused = session.PauseGuard();
        foreach (var (process, expected) in Pairs(paused.State.Os, truth))
        {
            foreach (var mapping in expected.Mappings.Where(each => each.Path != "[vsyscall]"))
            {
                foreach (var address in new[] { mapping.Start, mapping.End - 1 })
                {
                    var region = process.LookupRegion(new Va(address))!;
                    Assert.Equal((mapping.Start, mapping.End, mapping.Path), (region.Start.Value, region.End.Value, region.Path));
                    Assert.True(process.IsValidAddress(new Va(address)));
                }

                if (!expected.Mappings.Any(each => each.Start == mapping.End))
                {
                    Assert.Null(process.LookupRegion(new Va(mapping.End)));
                    Assert.False(process.IsValidAddress(new Va(mapping.End)));
                }

                var same = paused.State.Os.Region(process.LookupRegion(new Va(mapping.Start))!.Object);
                Assert.Equal(mapping.Start, same.Start.Value);
            }
        }
    }

    public static void CompareModules(VmiSession<LinuxOs> session, GuestTruth truth)
    {
        using var paused = session.PauseGuard();
        var modules = paused.State.Os.Modules();
        Assert.Null(modules.Incomplete);
        Assert.Equal(
            TruthLines.Modules(truth),
            modules.Select(each => TruthLines.Module(
                each.Name, each.Size, each.References, each.UsedBy(), each.State.ToString(), each.BaseAddress.Value)));
        Assert.All(modules, each => Assert.Equal(each.Name, paused.State.Os.Module(each.Object).Name));
    }

    /// <summary>In the order of /proc/kallsyms, whose letters are in upper case for what is exported.</summary>
    public static void CompareModuleSymbols(VmiSession<LinuxOs> session, GuestTruth truth)
    {
        using var paused = session.PauseGuard();
        var printed = truth.Symbols.Where(symbol => symbol.Module is not null).ToLookup(symbol => symbol.Module!);
        var modules = paused.State.Os.Modules();
        Assert.True(modules.Sum(module => printed[module.Name].Count()) > 500);
        foreach (var module in modules)
        {
            var symbols = module.Symbols();
            Assert.Null(symbols.Incomplete);
            Assert.Equal(
                printed[module.Name].Select(symbol => (symbol.Name, symbol.Address, char.ToLowerInvariant(symbol.Type))),
                symbols.Select(symbol => (symbol.Name, symbol.Address.Value, char.ToLowerInvariant(symbol.Type))));
            var function = symbols.First(symbol => symbol.Type is 't' or 'T');
            Assert.Equal(0ul, module.Resolve(function.Address)?.Offset);
        }
    }

    /// <summary>Byte by byte what the guest shows as /sys/kernel/btf/dm_mod; kernels before 5.11 have no types of modules.</summary>
    public static void CompareModuleTypes(VmiSession<LinuxOs> session, GuestTruth truth)
    {
        using var paused = session.PauseGuard();
        var types = paused.State.Os.Modules().First(module => module.Name == "dm_mod").Types();
        Assert.Equal(truth.Files.GetValueOrDefault("sys/kernel/btf/dm_mod"), types?.Blob.ToArray());
        Assert.Equal(types is not null, types?.TryFindMember("mapped_device", "disk", out _) ?? false);
    }

    /// <summary>All that was printed must be there; what the kernel said later follows.</summary>
    public static void CompareLog(VmiSession<LinuxOs> session, GuestTruth truth)
    {
        using var paused = session.PauseGuard();
        var log = paused.State.Os.Log();
        Assert.Null(log.Incomplete);
        Assert.NotEmpty(truth.LogRecords);
        Assert.Equal(
            TruthLines.Log(truth),
            log.SkipWhile(each => each.Sequence < truth.LogRecords[0].Sequence).Take(truth.LogRecords.Count).Select(each =>
                TruthLines.LogRecord(each.Facility, each.Level, each.Sequence, each.TimestampNanoseconds, each.TextBytes.Span)));
    }

    /// <summary>Pages whose frame the guest printed, through each process's own root, and its user root.</summary>
    public static void ComparePages(VmiSession<LinuxOs> session, GuestTruth truth)
    {
        using var paused = session.PauseGuard();
        var processes = paused.State.Os.Processes().ToDictionary(each => each.Id.Value);
        Assert.NotEmpty(truth.Pages);
        foreach (var page in truth.Pages.Where(page => page.Frame is not null))
        {
            var process = processes[(uint)page.ProcessId];
            foreach (var root in new[] { process.TranslationRoot, process.UserTranslationRoot })
                Assert.Equal(page.Frame!.Value * Frame.Size, session.TranslateAddress((new Va(page.Address), root)).Value & ~(ulong)(Frame.Size - 1));
        }
    }

    public static void CompareContents(VmiSession<LinuxOs> session, GuestTruth truth)
    {
        using var paused = session.PauseGuard();
        var processes = paused.State.Os.Processes().ToDictionary(each => each.Id.Value);
        foreach (var content in truth.Contents)
        {
            var bytes = new byte[content.Bytes.Length];
            session.Read((new Va(content.Address), processes[(uint)content.ProcessId].UserTranslationRoot), bytes);
            Assert.Equal(content.Bytes, bytes);
        }
    }

    public static void CompareArchitectures(VmiSession<LinuxOs> session, GuestTruth truth)
    {
        using var paused = session.PauseGuard();
        foreach (var (process, expected) in Pairs(paused.State.Os, truth))
            Assert.Equal(expected.Role == "compat" ? VmiImageArchitecture.X86 : VmiImageArchitecture.Amd64, process.Architecture);
    }

    public static void CompareImages(VmiSession<LinuxOs> session, GuestTruth truth)
    {
        using var paused = session.PauseGuard();
        var os = paused.State.Os;
        var process = os.FindProcess(new ProcessId((uint)truth.InRole("dynamic").Id))!;
        var modules = process.UserModules();
        Assert.Equal("dynamic", process.FindUserModule("Dynamic")!.Name);
        Assert.Null(process.FindUserModule("no such library"));
        var libc = modules.First(each => each.Name.StartsWith("libc.", StringComparison.Ordinal));
        Assert.Equal(libc.BaseAddress, os.UserModule(libc.BaseAddress + 0x2000, process.UserTranslationRoot).BaseAddress);
        var exports = os.Image((libc.BaseAddress, process.TranslationRoot)).Exports();
        Assert.True(exports.Incomplete is null || exports.Count > 0, exports.Incomplete);
        var printf = exports.First(each => each.Name == "printf");
        Assert.InRange(printf.Address.Value, libc.BaseAddress.Value, libc.BaseAddress.Value + libc.Size);

        var vdso = process.Regions().First(each => each.Path == "[vdso]");
        var names = os.Image((vdso.Start, process.TranslationRoot)).Exports();
        Assert.Null(names.Incomplete);
        Assert.Contains(names, each => each.Name == "__vdso_gettimeofday" && each.Address > vdso.Start && each.Address < vdso.End);
    }

    /// <summary>
    /// The files of which the guest shows an executable part, from their first line to their last. The process "mappings", which maps its
    /// own file twice, is left to <see cref="CompareRegions"/>.
    /// </summary>
    public static void CompareUserModules(VmiSession<LinuxOs> session, GuestTruth truth)
    {
        using var paused = session.PauseGuard();
        var compared = 0;
        foreach (var (process, expected) in Pairs(paused.State.Os, truth).Where(pair => pair.Truth.Role != "mappings"))
        {
            var modules = process.UserModules();
            Assert.Null(modules.Incomplete);
            Assert.Equal(
                expected.Mappings.Where(each => each.Inode != 0).GroupBy(each => each.Path)
                    .Where(file => file.Any(each => each.Protection[2] == 'x')).OrderBy(file => file.First().Start)
                    .Select(file => $"{expected.Name}: {file.First().Start:x} {file.Last().End - file.First().Start:x} {file.Key}"),
                modules.Select(each => $"{process.Name}: {each.BaseAddress.Value:x} {each.Size:x} {each.Path}"));
            compared += modules.Count;
        }

        Assert.NotEqual(0, compared);
    }

    public static void CompareLookups(VmiSession<LinuxOs> session, GuestTruth truth)
    {
        using var paused = session.PauseGuard();
        var os = paused.State.Os;
        Assert.Equal(1u, os.FindProcess(new ProcessId(1))!.Id.Value);
        Assert.Equal("kthreadd", os.FindProcess("kthreadd")!.Name);
        Assert.Equal("kthreadd", Assert.Single(os.FilterProcesses("KThreadD")).Name);
        Assert.Equal(
            truth.Processes.Where(each => each.IsLasting && each.IsKernelThread).Select(each => (uint)each.Id).Order(),
            os.FilterProcesses((Func<VmiProcess, bool>)(each => truth.Processes.Any(one => one.IsLasting && one.Id == each.Id.Value)
                && ((LinuxProcess)each).IsKernelThread)).Select(each => each.Id.Value).Order());
        Assert.Null(os.FindProcess("no such process"));
        Assert.Equal(truth.Modules[0].Name, os.FindModule(truth.Modules[0].Name)!.Name);
        Assert.Equal([truth.Modules[0].Address], os.FilterModules(truth.Modules[0].Name).Select(each => each.BaseAddress.Value));
        Assert.Equal(truth.Modules.Count, os.FilterModules(ModulePredicate.Any).Count());
        var init = os.FindProcess(new ProcessId(1))!;
        var inits = truth.Processes.First(each => each.Id == 1).Mappings
            .Where(each => each.Path == "/init").Select(each => each.Start).ToList();
        Assert.Equal(inits[0], init.FindRegion("INIT")!.Start.Value);
        Assert.Equal(inits, init.FilterRegions("init").Select(each => each.Start.Value));
        Assert.Null(init.FindRegion("no such file"));
        Assert.Equal(init.Name, os.Process(init.Object).Name);
        Assert.Equal(init.Id.Value, os.Thread(new ThreadObject(init.Object.Va)).Id.Value);
    }

    /// <summary>
    /// What runs on each vCPU: with two CPUs the spinner holds the last one, on which no other process of ours runs; the others rest or
    /// do the kernel's work. CR3 is the process's own root or, in user mode under isolation, its user root.
    /// </summary>
    public static void CompareCurrentProcesses(VmiSession<LinuxOs> session, GuestTruth truth)
    {
        if (!session.Supports<IVmiQueryRegisters>())
        {
            using var paused = session.PauseGuard();
            Assert.Throws<VmiNotSupportedException>(() => paused.State.Os.CurrentProcess());
            return;
        }

        // A kernel thread may have the spinner's CPU for a moment: then another moment is looked at.
        var spinner = truth.Processes.FirstOrDefault(each => each.Role == "spinner");
        for (var left = session.Driver.IsLive ? 20 : 0; !HasExpectedProcesses(session, spinner, mayWait: left > 0); left--)
            Thread.Sleep(10);
    }

    /// <summary>Checks what the CPUs execute at one moment; false if the spinner must have waited at that moment.</summary>
    private static bool HasExpectedProcesses(VmiSession<LinuxOs> session, TruthProcess? spinner, bool mayWait)
    {
        using var paused = session.PauseGuard();
        var last = default(LinuxProcess);
        for (ushort vcpu = 0; vcpu < session.Info.Vcpus; vcpu++)
        {
            var state = session.WithRegisters(session.GetRegisters(new VcpuId(vcpu)));
            var process = state.Os.CurrentProcess();
            Assert.Equal(process.Object, state.Os.CurrentThread().Process.Object);
            last = process;
            // What a monitor without KERNEL_GS_BASE gives of a vCPU in user mode: the GDT alone must do.
            var all = (Amd64Registers)state.Registers;
            var little = new Amd64Registers(all.Available & (Amd64RegisterGroups.DescriptorTables | Amd64RegisterGroups.Control | Amd64RegisterGroups.Efer));
            little.CopyFrom(all, little.Available);
            Assert.Equal(process.Object, session.WithRegisters(little).Os.CurrentProcess().Object);
            if (process.Id.Value == 0)
                Assert.Equal($"swapper/{vcpu}", process.Name);
            else if (!process.IsKernelThread)
                Assert.Contains(state.Registers.TranslationRoot, new[] { process.TranslationRoot, process.UserTranslationRoot });
        }

        if (spinner is null)
            return true;
        if (mayWait && last is { IsKernelThread: true })
            return false;
        Assert.Equal(spinner.Id, (int)last!.Id.Value);
        return true;
    }

    /// <summary>The processes that stay as they were printed, with what was printed of them.</summary>
    public static IEnumerable<(LinuxProcess Process, TruthProcess Truth)> Pairs(LinuxOs os, GuestTruth truth)
    {
        var processes = os.Processes().ToDictionary(each => each.Id.Value);
        return truth.Processes.Where(each => each.IsLasting).Select(each => (processes[(uint)each.Id], each));
    }
}
