using Vmi.Amd64;
using Vmi.Cli.Text;

namespace Vmi.Cli.Json;

/// <summary>The general registers of a hit.</summary>
internal sealed record GeneralRegistersJson(
    string Rax, string Rcx, string Rdx, string Rbx, string Rsp, string Rbp,
    string Rsi, string Rdi, string R8, string R9, string R10, string R11,
    string R12, string R13, string R14, string R15, string Rip, string Rflags)
{
    /// <summary>Those of a vCPU.</summary>
    public static GeneralRegistersJson Of(Amd64Registers registers)
    {
        return new GeneralRegistersJson(
            Hex(Amd64Register.Rax), Hex(Amd64Register.Rcx), Hex(Amd64Register.Rdx), Hex(Amd64Register.Rbx),
            Hex(Amd64Register.Rsp), Hex(Amd64Register.Rbp), Hex(Amd64Register.Rsi), Hex(Amd64Register.Rdi),
            Hex(Amd64Register.R8), Hex(Amd64Register.R9), Hex(Amd64Register.R10), Hex(Amd64Register.R11),
            Hex(Amd64Register.R12), Hex(Amd64Register.R13), Hex(Amd64Register.R14), Hex(Amd64Register.R15),
            Hex(Amd64Register.Rip), Hex(Amd64Register.Rflags));

        string Hex(Amd64Register register) => NumberText.Hex(registers[register]);
    }
}
