using System.Collections;

namespace Vmi.Amd64;

/// <summary>The interrupt descriptor table, as far as IDTR's limit goes: at most 256 gates.</summary>
public sealed class Idt : IReadOnlyList<IdtGate>
{
    private const int Vectors = 256;

    private readonly IdtGate[] _gates;

    private Idt(IdtGate[] gates) => _gates = gates;

    /// <summary>How many gates there are.</summary>
    public int Count => _gates.Length;

    /// <summary>The gate of a vector.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The table does not reach that far.</exception>
    public IdtGate this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, _gates.Length);
            return _gates[index];
        }
    }

    /// <summary>The gate of a vector; throws as the index does.</summary>
    public IdtGate this[ExceptionVector vector] => this[(int)vector];

    /// <summary>Reads the table of a vCPU.</summary>
    /// <exception cref="TranslationFaultException">A part of it is not there.</exception>
    /// <exception cref="RegisterNotAvailableException">IDTR or a control register is not there.</exception>
    /// <exception cref="VmiNotSupportedException">The vCPU is in real mode.</exception>
    public static Idt Read(VmiMemory memory, Amd64Registers registers) =>
        TryRead(memory, registers, out var idt, out var fault) ? idt : throw new TranslationFaultException(fault);

    /// <summary>Reads the table of a vCPU. On false the table is null.</summary>
    /// <exception cref="RegisterNotAvailableException">IDTR or a control register is not there.</exception>
    /// <exception cref="VmiNotSupportedException">The vCPU is in real mode.</exception>
    public static bool TryRead(
        VmiMemory memory, Amd64Registers registers,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Idt? idt, out TranslationFault fault)
    {
        idt = null;
        var gateSize = DescriptorTable.IsLongMode(registers, "an IDT") ? 16 : 8;
        var length = Math.Min(registers.Idtr.Length, Vectors * gateSize);
        if (!DescriptorTable.TryReadWords(memory, registers, registers.Idtr.Base, length, out var words, out fault))
            return false;
        var gates = new IdtGate[length / gateSize];
        for (var i = 0; i < gates.Length; i++)
            gates[i] = gateSize == 16 ? new IdtGate(words[2 * i], words[2 * i + 1]) : new IdtGate(words[i], 0);
        idt = new Idt(gates);
        return true;
    }

    /// <inheritdoc/>
    public IEnumerator<IdtGate> GetEnumerator() => ((IEnumerable<IdtGate>)_gates).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
