namespace Vmi;

/// <summary>Which machine the current thread has an operation open on.</summary>
internal static class OperationScope
{
    [ThreadStatic]
    private static VmiMachine? t_machine;

    public static bool IsOpenOn(VmiMachine machine) => ReferenceEquals(t_machine, machine);

    public static VmiMachine? Enter(VmiMachine? machine)
    {
        var outer = t_machine;
        t_machine = machine;
        return outer;
    }
}
