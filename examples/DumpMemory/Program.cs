// The memory and the registers of a running VM to a file: dotnet run --project examples/DumpMemory -- TARGET FILE
using Vmi.Dumps;
using Vmi.Linux;
using Vmi.Targets;

using var target = VmiTarget.Open(args[0]);
var linux = LinuxOs.Detect(target.Core);                       // for its VMCOREINFO, which tools ask for
using var paused = target.Core.PauseGuard();
var summary = ElfCoreWriter.Write(args[1], target.Core, new ElfCoreOptions { VmCoreInfo = linux.VmCoreInfo });
Console.WriteLine($"{summary.MemoryBytes >> 20} MiB, registers of {summary.Vcpus} vCPUs");
if (summary.Incomplete is { } reason)
    Console.Error.WriteLine($"That is not all: {reason}");
