// The printable texts in the memory of a process, of 8 characters or more: dotnet run --project examples/FindStrings -- TARGET PID
using System.Globalization;
using Vmi;
using Vmi.Linux;
using Vmi.Targets;

using var target = VmiTarget.Open(args[0]);
var session = LinuxOs.Introspect(target.Core);
using var paused = session.PauseGuard();

var pid = new ProcessId(uint.Parse(args[1], CultureInfo.InvariantCulture));
var process = paused.State.Os.FindProcess(pid) ?? throw new ArgumentException($"There is no process {pid}.");
var (start, end) = (new Va(0), new Va(0x7fff_ffff_f000));
var options = new MemoryStringOptions { LeastCharacters = 8 };
var incomplete = target.Core.FindVirtualStrings(
    process.TranslationRoot, start, end, found => Console.WriteLine($"0x{found.Address:x}  {found.Text}"), options);
if (incomplete is not null)
    Console.Error.WriteLine($"That is not all: {incomplete}");
