using System.Buffers.Binary;
using System.Text;

namespace Vmi.Dumps.Tests;

/// <summary>Writes the bytes of a migration stream as QEMU's migration/savevm.c and ram.c do.</summary>
internal sealed class MigrationBuilder
{
    private readonly MemoryStream _stream = new();

    public MigrationBuilder(uint version = 3) => Bytes("QEVM"u8.ToArray()).UInt32(version);

    /// <summary>The whole stream of a machine of 6 pages: of zeros, and one of the content given; and one vCPU.</summary>
    public static byte[] Whole(byte[] page, string machine = "pc-q35-7.2") => new MigrationBuilder().Configuration(machine)
        .Start("ram").RamSizes(("pc.ram", 6)).UInt64(0x10).Footer()
        .Part().Zero("pc.ram", 0).Zero(null, 1).Page(null, 2, page).Zero(null, 3).Page(null, 4, new byte[4096]).Zero(null, 5)
        .Page(null, 4, page).UInt64(0x10).Footer()
        .Full("cpu", 0).UInt64(0x1111).UInt64(0x2222).Footer()
        .Full("apic", 0).Bytes(7, 0x50).Footer()
        .End("""
            {"page_size": 4096, "devices": [
              {"name": "cpu", "instance_id": 0, "version": 12, "fields": [{"name": "env.cr[0]", "type": "uint64", "size": 8},
                {"name": "env.dr", "array_len": 1, "type": "uint64", "size": 8}]},
              {"name": "apic", "instance_id": 0, "version": 3, "fields": [{"name": "id", "type": "uint8", "size": 1},
                {"name": "tpr", "type": "uint8", "size": 1}]}]}
            """);

    /// <summary>The stream of a machine of 4 mapped pages: one of zeros, one of the content given, two of zeros.</summary>
    public static byte[] Mapped(byte[] page, uint version = 1, ulong bitmap = 4096, ulong content = 8192)
    {
        var builder = new MigrationBuilder().Configuration("pc-q35-10.0").Bytes(5).Name("configuration/capabilities").UInt32(1).UInt32(1)
            .Name("mapped-ram").Start("ram").UInt64((4 << 12) | 4).Name("pc.ram").UInt64(4 << 12)
            .UInt32(version).UInt64(4096).UInt64(bitmap).UInt64(content);
        return builder.FillTo(4096).Bytes(2, 0, 0, 0, 0, 0, 0, 0).FillTo(8192 + 4096).Bytes(page).FillTo(8192 + (4 << 12))
            .UInt64(0x10).Footer().End();
    }

    /// <summary>Zeros up to an offset.</summary>
    public MigrationBuilder FillTo(int offset) => Bytes(new byte[offset - _stream.Length]);

    public MigrationBuilder Configuration(string machine) => Bytes(7).UInt32((uint)machine.Length).Bytes(Encoding.ASCII.GetBytes(machine));

    public MigrationBuilder Start(string name) => Bytes(1).UInt32(2).Name(name).UInt32(0).UInt32(4);

    public MigrationBuilder Part() => Bytes(3).UInt32(2);

    public MigrationBuilder Full(string name, uint instance) => Bytes(4).UInt32(2).Name(name).UInt32(instance).UInt32(1);

    public MigrationBuilder Footer() => Bytes(0x7e).UInt32(2);

    public MigrationBuilder RamSizes(params (string Name, int Pages)[] blocks)
    {
        UInt64(((ulong)blocks.Sum(block => block.Pages) << 12) | 4);
        foreach (var (name, pages) in blocks)
            Name(name).UInt64((ulong)pages << 12);
        return this;
    }

    public MigrationBuilder Zero(string? block, ulong page) => Record(block, page, 2).Bytes(0);

    public MigrationBuilder Page(string? block, ulong page, byte[] content) => Record(block, page, 8).Bytes(content);

    /// <summary>A RAM record's head; without a name it is of the block before.</summary>
    public MigrationBuilder Record(string? block, ulong page, uint flags)
    {
        UInt64((page << 12) | flags | (block is null ? 0x20u : 0));
        return block is null ? this : Name(block);
    }

    public MigrationBuilder Name(string name) => Bytes((byte)name.Length).Bytes(Encoding.ASCII.GetBytes(name));

    public MigrationBuilder UInt32(uint number)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, number);
        _stream.Write(bytes);
        return this;
    }

    public MigrationBuilder UInt64(ulong number) => UInt32((uint)(number >> 32)).UInt32((uint)number);

    public MigrationBuilder Bytes(params byte[] bytes)
    {
        _stream.Write(bytes);
        return this;
    }

    /// <summary>The end of the stream, and a description if one is given.</summary>
    public byte[] End(string? description = null)
    {
        Bytes(0);
        if (description is not null)
            Bytes(6).UInt32((uint)description.Length).Bytes(Encoding.ASCII.GetBytes(description));
        return _stream.ToArray();
    }
}
