namespace Vmi.Cli.Conditions;

/// <summary>What `--condition` asks of an event, taken apart.</summary>
internal abstract record Condition
{
    /// <summary>Whether it is true of an event.</summary>
    /// <exception cref="TranslationFaultException">A value that it needs lies in memory that is not there.</exception>
    public abstract bool IsTrue(IConditionValues values);

    /// <summary>Neither.</summary>
    public sealed record Not(Condition Inner) : Condition
    {
        public override bool IsTrue(IConditionValues values) => !Inner.IsTrue(values);
    }

    /// <summary>Both; the second is not looked at if the first is false.</summary>
    public sealed record And(Condition Left, Condition Right) : Condition
    {
        public override bool IsTrue(IConditionValues values) => Left.IsTrue(values) && Right.IsTrue(values);
    }

    /// <summary>At least one; the second is not looked at if the first is true.</summary>
    public sealed record Or(Condition Left, Condition Right) : Condition
    {
        public override bool IsTrue(IConditionValues values) => Left.IsTrue(values) || Right.IsTrue(values);
    }

    /// <summary>Two numbers compared, without a sign. What is not known (the thread of a vCPU that tells none) compares as false.</summary>
    public sealed record Compare(Operand Left, string Operator, Operand Right) : Condition
    {
        public override bool IsTrue(IConditionValues values)
        {
            if (Left.Of(values) is not { } left || Right.Of(values) is not { } right)
                return false;
            return Operator switch
            {
                "==" => left == right,
                "!=" => left != right,
                "<" => left < right,
                "<=" => left <= right,
                ">" => left > right,
                _ => left >= right,
            };
        }
    }

    /// <summary>The thread's name compared with a text.</summary>
    public sealed record CompareName(string Text, bool Equal) : Condition
    {
        public override bool IsTrue(IConditionValues values) => values.ThreadName is { } name && name == Text == Equal;
    }

    /// <summary>A number: one that was typed, or the value of a name.</summary>
    public readonly record struct Operand(ulong Number, ConditionName? Name)
    {
        public ulong? Of(IConditionValues values) => Name is { } name ? values.Number(name) : Number;
    }
}
