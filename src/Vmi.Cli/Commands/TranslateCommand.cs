using System.CommandLine;
using System.Globalization;
using Vmi.Amd64;
using Vmi.Cli.Json;
using Vmi.Cli.Options;
using Vmi.Cli.Text;

namespace Vmi.Cli.Commands;

/// <summary>`translate`: the walk of the page tables for an address.</summary>
internal sealed class TranslateCommand : TargetCommand
{
    private static readonly string[] TableNames = ["", "PT", "PD", "PDPT", "PML4", "PML5"];

    private readonly Argument<AddressExpression> _address = CommonOptions.Address();
    private readonly AddressSpaceOptions _space;

    public TranslateCommand()
        : base(
            "translate",
            "Shows how a virtual address becomes a physical one: each page-table entry on the way. That nothing is mapped is an answer too.",
            "vmi translate memory.elf init_task",
            "vmi translate memory.elf 0x7ffc12345000 --pid 1",
            "vmi translate qemu:/run/vm/qmp.sock 0xffffffff81000000 --vcpu 0")
    {
        Add(_address);
        _space = new AddressSpaceOptions(this, physical: false);
    }

    protected override void Run(CommandContext context)
    {
        var (walk, mode) = _space.Read(context, context.Value(_address), (memory, access) =>
            (memory.Walk(new AddressContext(new Va(access.Address), access.Root)), context.Core.PagingMode));
        var translation = walk.Translation;
        var document = new TranslateJson(
            NumberText.Hex(walk.Context.Va),
            NumberText.Hex(walk.Context.Root),
            translation is { } found ? NumberText.Hex(found.Pa) : null,
            translation is { } page ? 1UL << page.PageShift : null,
            translation?.Writable,
            translation?.User,
            translation?.Executable,
            walk.Fault.Cause == TranslationFaultCause.None ? null : walk.Fault.ToString(),
            [.. walk.Entries.Select(entry => Describe(entry, mode))]);
        if (context.IsJson)
            context.Output.Json(document, CliJson.Default.TranslateJson);
        else
            Show(context.Output, document);
    }

    private static EntryJson Describe(PageWalkEntry entry, PagingMode mode)
    {
        var bits = new PageTableEntry(entry.Value);
        var isLeaf = bits.Present && bits.IsLeaf(entry.Level, mode);
        (bool IsSet, string Name)[] flags =
        [
            (bits.Present, "present"), (bits.Writable, "writable"), (bits.User, "user"), (bits.WriteThrough, "write-through"),
            (bits.CacheDisable, "cache-disable"), (bits.Accessed, "accessed"), (isLeaf && bits.Dirty, "dirty"),
            (isLeaf && entry.Level > 1, "large"), (isLeaf && bits.PageAttributeTable(entry.Level), "pat"),
            (isLeaf && bits.Global, "global"), (bits.NoExecute && mode.Levels != PagingLevels.Legacy, "no-execute"),
        ];
        return new EntryJson(
            entry.Level, TableNames[entry.Level], NumberText.Hex(entry.Address), NumberText.Hex(entry.Value),
            bits.Present ? [.. flags.Where(flag => flag.IsSet).Select(flag => flag.Name)] : []);
    }

    private static void Show(Output output, TranslateJson document)
    {
        output.Line($"{document.Address} below root {document.Root}");
        var table = new TextTable("TABLE", "ENTRY AT", "ENTRY", "FLAGS");
        foreach (var entry in document.Entries)
            table.Add(entry.Table, entry.Address, entry.Value, entry.Flags.Count == 0 ? "not present" : string.Join(' ', entry.Flags));
        output.Table(table);
        if (document.PhysicalAddress is null)
        {
            output.Line(document.Fault ?? "not mapped");
            return;
        }

        var size = document.PageSize >= 1 << 30 ? "1 GiB" : document.PageSize >= 1 << 20
            ? string.Create(CultureInfo.InvariantCulture, $"{document.PageSize >> 20} MiB")
            : string.Create(CultureInfo.InvariantCulture, $"{document.PageSize >> 10} KiB");
        output.Line(
            $"physical address {document.PhysicalAddress} in a page of {size}: {(document.User == true ? "user" : "supervisor")}, "
            + $"{(document.Writable == true ? "writable" : "read-only")}, {(document.Executable == true ? "executable" : "no execution")}");
    }
}
