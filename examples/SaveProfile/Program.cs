// Finds a kernel's profile once and uses it again: dotnet run --project examples/SaveProfile -- TARGET FILE
using Vmi.Linux;
using Vmi.Symbols;
using Vmi.Targets;

using (var target = VmiTarget.Open(args[0]))
    LinuxOs.Detect(target.Core).Kernel.Profile.Save(args[1]);

using var again = VmiTarget.Open(args[0]);
// A profile of another kernel is refused.
var linux = LinuxOs.Detect(again.Core, new LinuxDetectionOptions { Profile = Profile.Load(args[1]) });
Console.WriteLine($"{linux.KernelInformationString}: {linux.Processes().Count} processes");
