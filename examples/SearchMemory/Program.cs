// Where a text is in the memory of a process: dotnet run --project examples/SearchMemory -- TARGET PID TEXT
using System.Globalization;
using System.Text;
using Vmi;
using Vmi.Linux;
using Vmi.Targets;

using var target = VmiTarget.Open(args[0]);
var session = LinuxOs.Introspect(target.Core);
using var paused = session.PauseGuard();

var pid = new ProcessId(uint.Parse(args[1], CultureInfo.InvariantCulture));
var process = paused.State.Os.FindProcess(pid) ?? throw new ArgumentException($"There is no process {pid}.");
var pattern = new BytePattern(Encoding.UTF8.GetBytes(args[2]));
var (start, end) = (new Va(0), new Va(0x7fff_ffff_f000));
foreach (var address in target.Core.SearchVirtual(process.TranslationRoot, start, end, pattern))
    Console.WriteLine($"{address}  {process.LookupRegion(address)?.Path}");
