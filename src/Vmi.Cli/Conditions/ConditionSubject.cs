namespace Vmi.Cli.Conditions;

/// <summary>Who a condition can ask for by number.</summary>
internal enum ConditionSubject : byte
{
    Pid,
    Tid,
    Vcpu,
}
