using Vmi.Amd64;

namespace Vmi.Cli.Conditions;

/// <summary>A name in a condition that stands for a number: a register, an argument of the function, or who runs on the vCPU.</summary>
internal readonly record struct ConditionName
{
    /// <summary>How many arguments have a name: `arg0` to `arg5`, which are passed in registers.</summary>
    public const int Arguments = 6;

    private ConditionName(Amd64Register? register, int? argument, ConditionSubject subject) =>
        (Register, Argument, Subject) = (register, argument, subject);

    /// <summary>The register; null if it is none.</summary>
    public Amd64Register? Register { get; }

    /// <summary>The number of the argument; null if it is none.</summary>
    public int? Argument { get; }

    /// <summary>Who is meant, where it is neither.</summary>
    public ConditionSubject Subject { get; }

    /// <summary>What a name stands for; false if nothing.</summary>
    public static bool TryParse(string text, out ConditionName name)
    {
        for (var register = Amd64Register.Rax; register <= Amd64Register.Rflags; register++)
        {
            if (text.Equals(register.ToString(), StringComparison.OrdinalIgnoreCase))
            {
                name = new ConditionName(register, null, default);
                return true;
            }
        }

        if (text.Length == 4 && text.StartsWith("arg", StringComparison.Ordinal) && text[3] - '0' is >= 0 and < Arguments)
        {
            name = new ConditionName(null, text[3] - '0', default);
            return true;
        }

        ConditionSubject? subject = text switch
        {
            "pid" => ConditionSubject.Pid,
            "tid" => ConditionSubject.Tid,
            "vcpu" => ConditionSubject.Vcpu,
            _ => null,
        };
        name = new ConditionName(null, null, subject.GetValueOrDefault());
        return subject.HasValue;
    }
}
