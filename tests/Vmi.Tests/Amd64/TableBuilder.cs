using System.Buffers.Binary;
using Vmi.Tests.Fakes;

namespace Vmi.Tests.Cpu;

/// <summary>A small machine whose page tables are written entry by entry, and a look at what they translate.</summary>
internal sealed class TableBuilder(PagingMode mode, ulong root = 0x1000)
{
    public const ulong P = 1;
    public const ulong W = 2;
    public const ulong U = 4;
    public const ulong Large = 0x80;
    public const ulong Nx = 1UL << 63;

    private readonly FakeMemoryDriver _driver = new(16, maps: true);

    public FakeMemoryDriver Driver => _driver;

    public TableBuilder Set64(ulong address, ulong entry)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_driver.Memory[(int)address..], entry);
        return this;
    }

    public TableBuilder Set32(ulong address, uint entry)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_driver.Memory[(int)address..], entry);
        return this;
    }

    public PageTranslation Translate(ulong va)
    {
        Assert.True(Core().TryTranslate((new Va(va), new Pa(root)), out var translation, out var fault), fault.ToString());
        return translation;
    }

    public TranslationFault Fault(ulong va)
    {
        Assert.False(Core().TryTranslate((new Va(va), new Pa(root)), out _, out var fault));
        return fault;
    }

    public PageWalk Walk(ulong va) => Core().Walk((new Va(va), new Pa(root)));

    private VmiCore Core() => new(_driver) { PagingMode = mode };
}
