using System.Globalization;
using System.Text.RegularExpressions;

namespace Vmi.Xen.Lab;

/// <summary>What the guest's program for these checks printed of itself (tests/Vmi.Guests/userland/exercise.c).</summary>
/// <param name="Pid">Its process.</param>
/// <param name="Data">Its page of data.</param>
/// <param name="DataGfn">The frame of that.</param>
/// <param name="Code">Its page of code: sixteen NOPs and a RET.</param>
/// <param name="CodeGfn">The frame of that.</param>
/// <param name="Untouched">Pages that it has mapped and never touched.</param>
internal sealed partial record Exercise(uint Pid, Va Data, Gfn DataGfn, Va Code, Gfn CodeGfn, Va Untouched)
{
    public static Exercise Parse(string console)
    {
        var match = Line().Match(console);
        if (!match.Success)
            throw new InvalidDataException("The guest's console has no line VMI-EXERCISE.");
        ulong Number(string name) => ulong.Parse(match.Groups[name].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return new Exercise(
            uint.Parse(match.Groups["pid"].ValueSpan, CultureInfo.InvariantCulture), new Va(Number("data")), new Gfn(Number("datagfn")),
            new Va(Number("code")), new Gfn(Number("codegfn")), new Va(Number("untouched")));
    }

    [GeneratedRegex(
        "VMI-EXERCISE pid=(?<pid>[0-9]+) data=0x(?<data>[0-9a-f]+) data_gfn=0x(?<datagfn>[0-9a-f]+) code=0x(?<code>[0-9a-f]+) "
        + "code_gfn=0x(?<codegfn>[0-9a-f]+) untouched=0x(?<untouched>[0-9a-f]+)")]
    private static partial Regex Line();
}
