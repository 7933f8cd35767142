namespace Vmi.Symbols;

/// <summary>A symbol of a kernel.</summary>
/// <param name="Name">The name.</param>
/// <param name="Address">Where it lies in the running kernel; of an absolute symbol its value, which is not a kernel address.</param>
/// <param name="Type">
/// The letter of nm(1): `T` code, `D` data, `R` read-only data, `B` bss, `A` absolute, `W` weak; in lower case if local.
/// </param>
/// <param name="IsAbsolute">Whether it does not move with the kernel: the offset of a per-CPU variable, mostly.</param>
public readonly record struct Symbol(string Name, Va Address, char Type, bool IsAbsolute);
