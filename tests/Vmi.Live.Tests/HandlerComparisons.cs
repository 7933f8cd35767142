using System.Buffers.Binary;
using System.Globalization;
using Vmi.Amd64;
using Vmi.Guests;
using Vmi.Linux;

namespace Vmi.Live.Tests;

/// <summary>
/// Compares the tables by which a kernel is entered with the symbols that the guest printed, and with the interrupt table that the vCPU
/// itself uses.
/// </summary>
public static class HandlerComparisons
{
    private const int GateSize = 16;

    public static void Compare(VmiSession<LinuxOs> session, GuestTruth truth)
    {
        using var paused = session.PauseGuard();
        var handlers = paused.State.Os.Handlers();
        Assert.Null(handlers.Incomplete);
        var printed = truth.Symbols.Where(each => each.Module is null).Select(each => (each.Name, each.Address)).ToHashSet();
        Assert.All(handlers, each =>
        {
            // Stubs of one symbol lie one behind the other: NAME+0xOFFSET.
            var words = each.Symbol!.Split("+0x");
            var offset = words.Length > 1 ? ulong.Parse(words[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture) : 0;
            Assert.Contains((words[0], each.Address.Value - offset), printed);
        });
        Assert.All(handlers, each => Assert.True(each.IsInKernelText && each.Module is null));

        var calls = handlers.Where(each => each.Table == LinuxHandlerTable.Syscalls).ToDictionary(each => each.Number);
        Assert.Equal(Enumerable.Range(0, calls.Count), calls.Keys.Order());
        // asm/unistd_64.h: read, execve, openat, the last one of 5.10, and, where there is one, the last one of 6.1.
        foreach (var (number, name) in new[]
        {
            (0, "read"), (59, "execve"), (257, "openat"), (440, "process_madvise"), (450, "set_mempolicy_home_node"),
        })
            Assert.Equal(
                printed.Any(each => each.Name == $"__x64_sys_{name}") ? $"__x64_sys_{name}" : null,
                calls.GetValueOrDefault(number)?.Symbol);
        Assert.Equal(
            truth.Symbols.Any(each => each.Name == "ia32_sys_call_table"),
            handlers.Any(each => each.Table == LinuxHandlerTable.Ia32Syscalls));

        var vectors = handlers.Where(each => each.Table == LinuxHandlerTable.Interrupts).ToDictionary(each => each.Number);
        // Intel SDM volume 3, 6.3.1: breakpoint, general protection, page fault.
        foreach (var (vector, name) in new[] { (3, "int3"), (13, "exc_general_protection"), (14, "exc_page_fault") })
            Assert.Contains(name, vectors[vector].Symbol);
        if (session.Supports<IVmiQueryRegisters>())
            CompareWithVcpu(session, vectors);
    }

    /// <summary>Through IDTR, by Intel SDM volume 3, 6.14.1.</summary>
    private static void CompareWithVcpu(VmiSession<LinuxOs> session, Dictionary<int, LinuxHandler> vectors)
    {
        var registers = (Amd64Registers)session.GetRegisters(new VcpuId(0));
        var gates = new byte[256 * GateSize];
        session.Read((registers.Idtr.Base, session.UnderlyingOs.Kernel.TranslationRoot), gates);
        for (var vector = 0; vector < 256; vector++)
        {
            var gate = gates.AsSpan(vector * GateSize, GateSize);
            var isPresent = (gate[5] & 0x80) != 0;
            Assert.Equal(isPresent, vectors.ContainsKey(vector));
            if (isPresent)
                Assert.Equal(
                    BinaryPrimitives.ReadUInt16LittleEndian(gate) | (ulong)BinaryPrimitives.ReadUInt16LittleEndian(gate[6..]) << 16
                        | (ulong)BinaryPrimitives.ReadUInt32LittleEndian(gate[8..]) << 32,
                    vectors[vector].Address.Value);
        }
    }
}
