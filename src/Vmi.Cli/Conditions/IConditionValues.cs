namespace Vmi.Cli.Conditions;

/// <summary>What is known of an event, for a condition.</summary>
internal interface IConditionValues
{
    /// <summary>The name of the thread that runs on the vCPU; null if it is not known.</summary>
    string? ThreadName { get; }

    /// <summary>The value of a name; null if it is not known.</summary>
    /// <exception cref="TranslationFaultException">It lies in memory that is not there.</exception>
    ulong? Number(ConditionName name);
}
