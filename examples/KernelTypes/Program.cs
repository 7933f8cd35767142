// A kernel structure as this guest's kernel has it: dotnet run --project examples/KernelTypes -- TARGET
using Vmi.Linux;
using Vmi.Targets;

using var target = VmiTarget.Open(args[0]);
var linux = LinuxOs.Detect(target.Core);
var profile = linux.Kernel.Profile;

var initTask = profile.Symbol("init_task");
var comm = profile.Field("task_struct", "comm");
// Kernel memory is read below the kernel's own root.
var name = target.Core.ReadString((initTask + comm.Offset, linux.Kernel.TranslationRoot), (int)comm.Size);
Console.WriteLine($"init_task is at {initTask}; its comm, {comm.Offset} bytes in, says {name}");
