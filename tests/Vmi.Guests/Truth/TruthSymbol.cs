namespace Vmi.Guests;

/// <summary>A line of the guest's <c>/proc/kallsyms</c>.</summary>
/// <param name="Name">The symbol's name.</param>
/// <param name="Address">Its address.</param>
/// <param name="Type">Its letter, as <c>nm</c> has it.</param>
/// <param name="Module">The module it belongs to (also <c>bpf</c> and <c>__builtin__ftrace</c>); null for the kernel itself.</param>
public readonly record struct TruthSymbol(string Name, ulong Address, char Type, string? Module);
