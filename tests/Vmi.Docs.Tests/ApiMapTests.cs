using System.Reflection;
using Vmi.Dumps;
using Vmi.Qemu;
using Vmi.Xen;

namespace Vmi.Docs.Tests;

public sealed class ApiMapTests
{
    /// <summary>What a member needs of its driver; those that are not named need nothing but reading, which every driver does.</summary>
    private static readonly (string Ability, Type Interface, string[] Members)[] Abilities =
    [
        ("events", typeof(IVmiEvents),
            ["WaitForEvent", "Handle", "HandleWithTimeout", "MonitorEnable", "MonitorDisable", "EventsPending", "EventProcessingOverhead"]),
        ("control", typeof(IVmiControl), ["Pause", "Resume", "ResetState", "InjectInterrupt"]),
        ("registers", typeof(IVmiQueryRegisters), ["GetRegisters"]),
        ("writing registers", typeof(IVmiSetRegisters), ["SetRegisters"]),
        ("permissions", typeof(IVmiQueryProtection), ["GetMemoryAccess"]),
        ("changing permissions", typeof(IVmiSetProtection), ["SetMemoryAccess", "SetMemoryAccessWithOptions"]),
        ("views", typeof(IVmiViews),
            ["DefaultView", "CreateView", "DestroyView", "SwitchToView", "ChangeViewGfn", "ResetViewGfn"]),
        ("writing", typeof(IVmiWrite),
            ["Write", "WriteByte", "WriteUInt16", "WriteUInt32", "WriteUInt64", "WriteStruct"]),
    ];

    /// <summary>Abilities that an interface has together with others: the driver refuses the single call, which its own tests show.</summary>
    private static readonly string[] RefusedByTheCall = ["AllocateNextAvailableGfn", "AllocateGfn", "FreeGfn"];

    private static readonly (string Reference, string Type, string Member, string[] Answers)[] Rows = ReadRows();

    [Fact]
    public void Every_method_of_the_reference_is_mapped()
    {
        var reference = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "reference-methods.txt"));
        Assert.NotEmpty(reference);
        Assert.Equal(reference.Order(), Rows.Select(row => row.Reference).Order());
    }

    [Fact]
    public void Every_member_that_is_named_exists()
    {
        foreach (var (_, type, member, _) in Rows)
        {
            var owner = type == "VmiMemory" ? typeof(VmiMemory) : typeof(VmiSession<>);
            var exists = member == "VmiSession"
                ? owner.GetConstructors().Length > 0
                : owner.GetMember(member, BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).Length > 0;
            Assert.True(exists, $"{type}.{member}");
        }
    }

    [Fact]
    public void Every_method_that_reads_writes_or_translates_has_a_twin_that_does_not_throw()
    {
        foreach (var name in Rows.Select(row => row.Member).Where(name => name.StartsWith("Read", StringComparison.Ordinal)
            || name.StartsWith("Write", StringComparison.Ordinal) || name.StartsWith("Translate", StringComparison.Ordinal)).Distinct().Where(name => name != "ReadStringLengthLimit"))
            Assert.True(typeof(VmiMemory).GetMember($"Try{name}").Length > 0, name);
    }

    [Fact]
    public void Each_driver_has_the_abilities_that_the_map_says()
    {
        Type[] drivers = [typeof(RawDriver), typeof(ElfCoreDriver), typeof(QemuDriver), typeof(XenDriver)];
        foreach (var (_, _, member, answers) in Rows.Where(row => !RefusedByTheCall.Contains(row.Member)))
        {
            var needed = Abilities.FirstOrDefault(ability => ability.Members.Contains(member)).Interface ?? typeof(IVmiRead);
            for (var i = 0; i < drivers.Length; i++)
                Assert.True(
                    needed.IsAssignableFrom(drivers[i]) == (answers[i] == "yes"), $"{member} on {drivers[i].Name}: {answers[i]}");
        }

        Assert.Equal(
            typeof(RawDriver).GetInterfaces().Where(IsAbility), typeof(LimeDriver).GetInterfaces().Where(IsAbility));
    }

    private static bool IsAbility(Type type) => typeof(IVmiDriver).IsAssignableFrom(type);

    private static (string, string, string, string[])[] ReadRows() =>
    [
        .. from line in Repository.Read("docs/api-map.md").Split('\n')
           where line.StartsWith("| `", StringComparison.Ordinal)
           let cells = line.Trim('|').Split('|', StringSplitOptions.TrimEntries)
           let member = cells[1].Trim('`').Split('.')
           select (cells[0].Split('`')[1], member[0], member[1], cells[2..]),
    ];
}
