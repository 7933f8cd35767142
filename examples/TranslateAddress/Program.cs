// How a kernel symbol is mapped, entry by entry: dotnet run --project examples/TranslateAddress -- TARGET SYMBOL
using Vmi;
using Vmi.Linux;
using Vmi.Targets;

using var target = VmiTarget.Open(args[0]);
var linux = LinuxOs.Detect(target.Core);
var address = linux.Kernel.Profile.Symbol(args[1]);

PageWalk walk = target.Core.Walk((address, linux.Kernel.TranslationRoot));
foreach (var entry in walk.Entries)
    Console.WriteLine($"level {entry.Level}: {entry.Address} holds 0x{entry.Value:x16}");
Console.WriteLine(walk.Translation is { } page ? $"{address} is {page.Pa}" : walk.Fault.ToString());
