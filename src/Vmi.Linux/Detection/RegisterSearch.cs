using Vmi.Amd64;

namespace Vmi.Linux;

/// <summary>
/// Starts from what the CPU itself uses: CR3, and the addresses of the kernel's entries (the IDT's handlers, `asm_exc_*`; LSTAR). What
/// they lead to is the kernel that runs, whatever else lies in memory.
/// </summary>
/// <param name="memory">Reads the machine; its paging mode is set to the vCPU's.</param>
internal sealed class RegisterSearch(VmiCore memory)
{
    private const int MaxVcpus = 256;
    private const ulong IsolationBit = 1 << 12; // PTI_USER_PGTABLE_MASK
    private static readonly ExceptionVector[] Vectors = [ExceptionVector.PageFault, ExceptionVector.DivideError];
    private static readonly Va ImageRangeEnd = new(LinuxKernel.KernelMap + (1UL << 30));

    /// <summary>Whether there are registers that say what runs; then nothing else may.</summary>
    public bool Decides { get; private set; }

    /// <summary>The candidates of each vCPU in turn.</summary>
    /// <param name="reasons">Why a vCPU has none: is added to.</param>
    public IEnumerable<KernelCandidate> Candidates(List<string> reasons)
    {
        if (memory.Driver is not IVmiQueryRegisters driver || memory.Info.Vcpus == 0)
        {
            reasons.Add("vCPU registers: this source has none");
            yield break;
        }

        for (var i = 0; i < Math.Min(memory.Info.Vcpus, MaxVcpus); i++)
        {
            if (driver.GetRegisters(new VcpuId((ushort)i)) is not Amd64Registers registers)
                yield break;
            var name = $"vCPU {i} registers";
            if (!TryReadState(registers, out var mode, out var root, out var reason))
            {
                reasons.Add($"{name}: {reason}");
                continue;
            }

            Decides = true;
            memory.PagingMode = mode;
            if (mode.Levels is not (PagingLevels.Four or PagingLevels.Five))
                reasons.Add($"{name}: it is not in 64-bit mode, so no kernel runs on it yet");
            else if (!TryFindEntry(registers, root, out var anchor, out reason))
                reasons.Add($"{name}: {reason}");
            else
            {
                var candidate = new KernelCandidate(root, mode, name) { IsTrusted = true, Anchor = anchor };
                yield return candidate;
                // Under page-table isolation a CPU in user mode has the user table, which lacks most of the kernel. The CPU's own one is
                // asked first: without isolation it is whole, and the frame beside it may be a process's, filled to deceive.
                if ((root.Value & IsolationBit) != 0)
                    yield return candidate with { Root = root - IsolationBit };
            }
        }
    }

    private static bool TryReadState(Amd64Registers registers, out PagingMode mode, out Pa root, out string reason)
    {
        reason = "";
        try
        {
            mode = registers.PagingMode;
            root = registers.TranslationRoot;
            return true;
        }
        catch (RegisterNotAvailableException exception)
        {
            (mode, root, reason) = (default, default, exception.Message.TrimEnd('.'));
            return false;
        }
    }

    /// <summary>
    /// An address of the kernel's code that the CPU itself would go to; null where the source has none of them. False if there are
    /// some, and none of them is in a Linux kernel.
    /// </summary>
    private bool TryFindEntry(Amd64Registers registers, Pa root, out (Va Va, Pa Pa)? entry, out string reason)
    {
        entry = null;
        reason = "";
        foreach (var (va, what) in Entries(registers))
        {
            if (!IsInImageRange(va))
            {
                reason = $"no Linux kernel runs on it, or not yet: its {what} is at {va}";
            }
            else if (memory.TryTranslate((va, root), out var translation, out _) && !translation.User)
            {
                entry = (va, translation.Pa);
                return true;
            }
            else
            {
                reason = $"its {what} at {va} is not mapped for the kernel by the page tables at {root}, or they are not in this memory";
            }
        }

        return reason.Length == 0;
    }

    private IEnumerable<(Va Va, string What)> Entries(Amd64Registers registers)
    {
        if ((registers.Available & Amd64RegisterGroups.DescriptorTables) != 0 && Idt.TryRead(memory, registers, out var idt, out _))
        {
            foreach (var vector in Vectors)
            {
                if ((int)vector < idt.Count && idt[vector].Present)
                    yield return (idt[vector].Offset, "interrupt handler");
            }
        }

        if ((registers.Available & Amd64RegisterGroups.SyscallMsrs) != 0)
            yield return (new Va(registers.Lstar), "system call entry");
    }

    private static bool IsInImageRange(Va va) => va >= new Va(LinuxKernel.KernelMap) && va < ImageRangeEnd;
}
