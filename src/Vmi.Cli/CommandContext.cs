using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Vmi.Cli.Commands;
using Vmi.Cli.Options;
using Vmi.Cli.Text;
using Vmi.Linux;
using Vmi.Qemu;
using Vmi.Symbols;
using Vmi.Targets;
using Vmi.Xen;

namespace Vmi.Cli;

/// <summary>One run of a command: what was asked for, the VM, the operating system in it, and where the result goes.</summary>
internal sealed class CommandContext
{
    private readonly ParseResult _parsed;
    private readonly Interruption _interruption;
    private readonly TimeLimit _timeLimit;
    private readonly List<string> _missing = [];
    private CancellationTokenSource? _ending;
    private VmiTarget? _target;
    private LinuxOs? _linux;

    private CommandContext(ParseResult parsed, Output output, Interruption interruption, TimeLimit timeLimit)
    {
        _parsed = parsed;
        _interruption = interruption;
        _timeLimit = timeLimit;
        Output = output;
    }

    /// <summary>Where the result goes.</summary>
    public Output Output { get; }

    /// <summary>Whether the result is wanted as JSON.</summary>
    public bool IsJson => Value(CommonOptions.Json);

    /// <summary>Whether something was found that should not be there.</summary>
    public bool HasFindings { get; set; }

    /// <summary>The VM's memory.</summary>
    public VmiCore Core => Target.Core;

    /// <summary>The VM or the file.</summary>
    public VmiTarget Target => _target ??= Open();

    /// <summary>The guest's operating system; found when first asked for, while the VM runs on.</summary>
    /// <exception cref="VmiException">There is none, or there are several.</exception>
    public LinuxOs Linux => _linux ??= FindLinux();

    /// <summary>The guest's operating system if the command asked for it; null if it needed none.</summary>
    public LinuxOs? LinuxIfFound => _linux;

    /// <summary>Carries a command out.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="action">The command.</param>
    /// <param name="timeLimit">How long it reads where nothing else is said.</param>
    /// <returns>The exit code.</returns>
    public static int Run(ParseResult parsed, Action<CommandContext> action, TimeSpan timeLimit)
    {
        using var interruption = new Interruption();
        using var limit = new TimeLimit(parsed.GetValue(CommonOptions.TimeLimit) ?? timeLimit);
        CommandContext? context = null;
        try
        {
            using var output = new Output();
            context = new CommandContext(parsed, output, interruption, limit);
            action(context);
        }
        catch (OperationCanceledException) when (interruption.IsAsked)
        {
            ErrorOutput.Write("it was interrupted: there is no result");
            return ExitCode.Interrupted;
        }
        catch (Exception exception)
        {
            interruption.ThrowAwayIfHappened();
            ErrorOutput.Write(limit.Reached is { } reached ? $"{reached}: there is no result" : Describe(exception));
            if (context?.IsVerbose == true)
                Console.Error.WriteLine(exception);
            return ExitCode.Error;
        }
        finally
        {
            context?._target?.Dispose();
            context?._ending?.Dispose();
        }

        interruption.ThrowAwayIfHappened();
        if (limit.Reached is { } ended)
            context._missing.Insert(0, ended);
        if (context._missing.Count > 0)
        {
            var more = context._missing.Count > 1 ? $" (and {context._missing.Count - 1} more)" : "";
            ErrorOutput.Write($"the result is partial: {context._missing[0]}{more}");
        }
        return interruption.IsAsked ? ExitCode.Interrupted
            : context.HasFindings ? ExitCode.Found
            : context._missing.Count > 0 ? ExitCode.Partial
            : ExitCode.Complete;
    }

    /// <summary>What was given for an option.</summary>
    public T? Value<T>(Option<T> option) => _parsed.GetValue(option);

    /// <summary>What was given for an argument.</summary>
    public T? Value<T>(Argument<T> argument) => _parsed.GetValue(argument);

    /// <summary>
    /// Delivers events of the guest to a handler until it has a result, the time is up, or a signal comes. Then the VM is as it was.
    /// </summary>
    /// <param name="duration">For how long at most; null for no end.</param>
    /// <param name="handlerFactory">Makes the handler; all that is set up in the VM is set up there.</param>
    /// <exception cref="VmiNotSupportedException">The target has no events.</exception>
    public VmiOutcome<T> Follow<T>(TimeSpan? duration, Func<VmiSession<LinuxOs>, VmiHandler<LinuxOs, T>> handlerFactory)
    {
        var session = new VmiSession<LinuxOs>(Core, Linux);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(_interruption.Ask());
        if (duration is { } time)
            ending.CancelAfter(time);
        return session.Handle(
            each =>
            {
                var handler = handlerFactory(each);
                Verbose("events are shown from now on; Ctrl-C ends it");
                return handler;
            },
            ending.Token);
    }

    /// <summary>
    /// From now on a signal cancels this token, as does the time limit, and the command ends with what it has; a second signal ends it at
    /// once.
    /// </summary>
    public CancellationToken Interruptible() =>
        (_ending ??= CancellationTokenSource.CreateLinkedTokenSource(_interruption.Ask(), _timeLimit.Token)).Token;

    /// <summary>Reads within one pause of a running VM, unless that is not wanted.</summary>
    public T Still<T>(Func<T> read)
    {
        if (!Pauses)
        {
            using var operation = Core.BeginOperation();
            return Read();
        }

        var begin = Stopwatch.GetTimestamp();
        T result;
        using (Core.PauseGuard())
            result = Read();
        Verbose(string.Create(
            CultureInfo.InvariantCulture, $"the VM was paused for {Stopwatch.GetElapsedTime(begin).TotalMilliseconds:0.0} ms"));
        return result;

        T Read()
        {
            var result = read();
            _timeLimit.Stop();
            return result;
        }
    }

    /// <summary>
    /// Reads as <see cref="Still"/> does, and writes meanwhile. What is written while a VM is paused is kept until it runs again: whoever
    /// takes it may be slow.
    /// </summary>
    public void StillWriting(Action<Output> read)
    {
        using var held = Pauses ? Output.Held() : null;
        Still(() =>
        {
            read(held ?? Output);
            return true;
        });
        held?.CopyTo(Output);
    }

    /// <summary>A list as it is, with a note if it is not all.</summary>
    public IVmiList<T> Complete<T>(IVmiList<T> list, string? of = null)
    {
        if (list.Incomplete is { } reason)
            Missing(of is null ? reason : $"{of}: {reason}");
        return list;
    }

    /// <summary>Says why the result is not all there is.</summary>
    public void Missing(string reason) => _missing.Add(reason);

    /// <summary>Says something to who wants to know more.</summary>
    public void Verbose(string message)
    {
        if (IsVerbose)
            ErrorOutput.Write(message);
    }

    /// <summary>The registers of a vCPU.</summary>
    /// <exception cref="VmiException">There is no such vCPU, or the source has no registers.</exception>
    public Registers Registers(ushort vcpu)
    {
        var vcpus = Core.Info.Vcpus;
        return vcpu < vcpus || vcpus == 0
            ? Core.GetRegisters(new VcpuId(vcpu))
            : throw new VmiException($"There is no vCPU {vcpu}: {Core.Driver.Name} has {vcpus}.");
    }

    /// <summary>The process with a pid.</summary>
    /// <exception cref="VmiException">There is none.</exception>
    public LinuxProcess Process(uint pid) =>
        Linux.FindProcess(new ProcessId(pid)) ?? throw new VmiException($"There is no process {pid} (`vmi ps` lists them).");

    private bool Pauses => Core.Driver.IsLive && !Value(CommonOptions.NoPause);

    private bool IsVerbose => Value(CommonOptions.Verbose);

    private VmiTarget Open()
    {
        using var progress = new Progress("opening the target");
        return _interruption.Watch(VmiTarget.Open(
            Value(CommonOptions.Target)!,
            new VmiTargetOptions
            {
                Core = new VmiCoreOptions { ReadingEnds = _timeLimit.Token },
                Qemu = QemuOptions.Default with
                {
                    StopsForRegisters = !Value(CommonOptions.NoPause),
                    WatchdogCommand = WatchdogCommand.CommandLine,
                },
                Xen = XenOptions.Default with { WatchdogCommand = WatchdogCommand.CommandLine },
                Progress = progress,
            }));
    }

    private LinuxOs FindLinux()
    {
        var options = new LinuxDetectionOptions
        {
            Profile = Value(CommonOptions.Profile) is { } path ? LoadProfile(path) : null,
            KernelBase = Value(CommonOptions.Kernel)?.Literal,
            KernelRoot = Value(CommonOptions.KernelRoot)?.Literal is { } root ? new Pa(root.Value) : null,
        };
        var core = Core;
        var begin = Stopwatch.GetTimestamp();
        LinuxOs linux;
        using (new Progress("looking for the kernel"))
            linux = LinuxOs.Detect(core, options);
        var taken = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
        Verbose(string.Create(
            CultureInfo.InvariantCulture, $"found the kernel by {linux.Kernel.FoundBy} in {taken:0} ms: {linux.Kernel.Banner}"));
        return linux;
    }

    private static ProfileSource LoadProfile(string path)
    {
        try
        {
            return ProfileSource.Load(path);
        }
        catch (VmiFormatException exception)
        {
            throw new VmiException($"{path}: {exception.Message}", exception);
        }
    }

    private static string Describe(Exception exception) => exception switch
    {
        LinuxDetectionException { Candidates: { Count: > 0 } kernels } =>
            "Several Linux kernels are in this memory; choose one with --kernel-root: "
            + string.Join("; ", kernels.Select(kernel =>
                $"{NumberText.Hex(kernel.TranslationRoot)} ({kernel}, {string.Join(", ", kernel.Evidence)})")),
        VmiException or IOException or UnauthorizedAccessException => exception.Message,
        OutOfMemoryException => "this takes more memory than a command may take (docs/limits.md): there is no result",
        _ => $"internal error, please report it: {exception.GetType().Name}: {exception.Message}",
    };
}
