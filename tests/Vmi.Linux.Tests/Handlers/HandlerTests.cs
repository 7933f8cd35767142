using System.Buffers.Binary;
using Vmi.Linux.Tests.Fakes;

namespace Vmi.Linux.Tests.Handlers;

public sealed class HandlerTests
{
    private const ulong Elsewhere = 0xffff_ffff_c012_3456;
    private readonly FakeGuest _guest = new();

    private IVmiList<LinuxHandler> Handlers => _guest.Os.Handlers();

    private void WriteGate(int vector, ulong address, bool isPresent = true)
    {
        var gate = FakeGuest.InterruptTable + (ulong)vector * 16;
        _guest.Set(gate, "gate_struct", "offset_low", address & 0xffff);
        _guest.Set(gate, "gate_struct", "offset_middle", address >> 16 & 0xffff);
        _guest.Set(gate, "gate_struct", "offset_high", address >> 32);
        _guest.Set(gate, "gate_struct", "bits.p", isPresent ? 1UL : 0);
    }

    [Fact]
    public void A_table_of_calls_ends_at_the_next_symbol_and_its_padding_is_no_entry()
    {
        var bytes = new byte[0x40];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, FakeGuest.Handler);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(16), FakeGuest.Handler + 8);
        _guest.Write(FakeGuest.SyscallTable, bytes);
        Assert.Equal(
            ["0 handler True", "1  False", "2 handler+0x8 True"], // 1 is no address at all: a call of it would end the kernel
            Handlers.Select(each => $"{each.Number} {each.Symbol} {each.IsInKernelText}"));
    }

    [Fact]
    public void An_entry_that_leads_out_of_the_kernel_s_code_is_told_apart()
    {
        _guest.Write(FakeGuest.SyscallTable, Elsewhere);
        _guest.Write(FakeGuest.SyscallTable + 8, FakeGuest.Handler);
        var handlers = Handlers;
        Assert.Null(handlers.Incomplete);
        Assert.Equal([(Elsewhere, false), (FakeGuest.Handler, true)], handlers.Select(each => (each.Address.Value, each.IsInKernelText)));
    }

    [Fact]
    public void Vectors_without_a_handler_are_left_out()
    {
        WriteGate(3, FakeGuest.Handler);
        WriteGate(4, FakeGuest.Handler, isPresent: false);
        WriteGate(255, Elsewhere);
        Assert.Equal(
            [(LinuxHandlerTable.Interrupts, 3, FakeGuest.Handler, true), (LinuxHandlerTable.Interrupts, 255, Elsewhere, false)],
            Handlers.Where(each => each.Table == LinuxHandlerTable.Interrupts)
                .Select(each => (each.Table, each.Number, each.Address.Value, each.IsInKernelText)));
    }

    [Fact]
    public void A_table_that_is_not_there_is_said_to_be_missing()
    {
        _guest.Remove(FakeGuest.SyscallTable);
        Assert.Empty(Handlers);
        Assert.Contains("sys_call_table", Handlers.Incomplete);
    }
}
