// The same parts, each by itself: dotnet run --project examples/ExplicitParts -- memory.elf
using Vmi;
using Vmi.Dumps;
using Vmi.Linux;

using var driver = ElfCoreDriver.Open(args[0]);
using var core = new VmiCore(driver);
var linux = LinuxOs.Detect(core);                              // or new LinuxOs(core, kernel)
var session = new VmiSession<LinuxOs>(core, linux);

Console.WriteLine(session.UnderlyingOs.KernelInformationString);
for (ushort vcpu = 0; vcpu < session.Info.Vcpus; vcpu++)
{
    var state = session.WithRegisters(session.GetRegisters(new VcpuId(vcpu)));
    Console.WriteLine($"vCPU {vcpu} at {state.Registers.InstructionPointer} runs {state.Os.CurrentProcess().Name}");
}
