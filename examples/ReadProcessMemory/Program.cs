// What a process has at an address: dotnet run --project examples/ReadProcessMemory -- TARGET PID ADDRESS
using System.Globalization;
using Vmi;
using Vmi.Linux;
using Vmi.Targets;

using var target = VmiTarget.Open(args[0]);
var session = LinuxOs.Introspect(target.Core);
using var paused = session.PauseGuard();

var process = paused.State.Os.FindProcess(new ProcessId(uint.Parse(args[1], CultureInfo.InvariantCulture)));
if (process is null)
{
    Console.Error.WriteLine($"There is no process {args[1]}.");
    return 1;
}

var address = new Va(ulong.Parse(args[2].AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
var bytes = new byte[64];
// A page that is not there is normal: it was never touched, or is swapped out.
if (!session.TryRead((address, process.UserTranslationRoot), bytes, out var fault))
{
    Console.Error.WriteLine(fault);
    return 3;
}

Console.WriteLine(Convert.ToHexStringLower(bytes));
return 0;
