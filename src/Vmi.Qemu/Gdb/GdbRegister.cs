using Vmi.Amd64;

namespace Vmi.Qemu;

/// <summary>A register as the stub has it.</summary>
/// <param name="Register">Which.</param>
/// <param name="Number">Its number in the stub's requests.</param>
/// <param name="Offset">Where it begins in the answer to `g`, in bytes.</param>
/// <param name="Size">Its bytes, 4 or 8, the lowest first.</param>
internal readonly record struct GdbRegister(Amd64Register Register, int Number, int Offset, int Size);
