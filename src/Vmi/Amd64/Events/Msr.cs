using System.Globalization;

namespace Vmi.Amd64;

/// <summary>A model-specific register (Intel SDM volume 4; AMD APM volume 2, appendix A).</summary>
/// <param name="Index">Its number, as in ECX.</param>
public readonly record struct Msr(uint Index)
{
    /// <summary>IA32_TIME_STAMP_COUNTER.</summary>
    public static Msr Tsc => new(0x10);

    /// <summary>IA32_APIC_BASE.</summary>
    public static Msr ApicBase => new(0x1b);

    /// <summary>IA32_SPEC_CTRL.</summary>
    public static Msr SpecCtrl => new(0x48);

    /// <summary>IA32_PRED_CMD.</summary>
    public static Msr PredCmd => new(0x49);

    /// <summary>IA32_BIOS_SIGN_ID.</summary>
    public static Msr BiosSignId => new(0x8b);

    /// <summary>IA32_MTRRCAP.</summary>
    public static Msr MtrrCap => new(0xfe);

    /// <summary>IA32_ARCH_CAPABILITIES.</summary>
    public static Msr ArchCapabilities => new(0x10a);

    /// <summary>IA32_SYSENTER_CS.</summary>
    public static Msr SysenterCs => new(0x174);

    /// <summary>IA32_SYSENTER_ESP.</summary>
    public static Msr SysenterEsp => new(0x175);

    /// <summary>IA32_SYSENTER_EIP.</summary>
    public static Msr SysenterEip => new(0x176);

    /// <summary>IA32_MISC_ENABLE.</summary>
    public static Msr MiscEnable => new(0x1a0);

    /// <summary>IA32_DEBUGCTL.</summary>
    public static Msr DebugCtl => new(0x1d9);

    /// <summary>IA32_PAT.</summary>
    public static Msr Pat => new(0x277);

    /// <summary>IA32_MTRR_DEF_TYPE.</summary>
    public static Msr MtrrDefType => new(0x2ff);

    /// <summary>IA32_U_CET.</summary>
    public static Msr UCet => new(0x6a0);

    /// <summary>IA32_S_CET.</summary>
    public static Msr SCet => new(0x6a2);

    /// <summary>IA32_PL0_SSP.</summary>
    public static Msr Pl0Ssp => new(0x6a4);

    /// <summary>IA32_PL1_SSP.</summary>
    public static Msr Pl1Ssp => new(0x6a5);

    /// <summary>IA32_PL2_SSP.</summary>
    public static Msr Pl2Ssp => new(0x6a6);

    /// <summary>IA32_PL3_SSP.</summary>
    public static Msr Pl3Ssp => new(0x6a7);

    /// <summary>IA32_INTERRUPT_SSP_TABLE_ADDR.</summary>
    public static Msr InterruptSspTable => new(0x6a8);

    /// <summary>IA32_TSC_DEADLINE.</summary>
    public static Msr TscDeadline => new(0x6e0);

    /// <summary>IA32_XSS.</summary>
    public static Msr Xss => new(0xda0);

    /// <summary>IA32_EFER.</summary>
    public static Msr Efer => new(0xc0000080);

    /// <summary>IA32_STAR.</summary>
    public static Msr Star => new(0xc0000081);

    /// <summary>IA32_LSTAR.</summary>
    public static Msr Lstar => new(0xc0000082);

    /// <summary>IA32_CSTAR.</summary>
    public static Msr Cstar => new(0xc0000083);

    /// <summary>IA32_FMASK.</summary>
    public static Msr Fmask => new(0xc0000084);

    /// <summary>IA32_FS_BASE.</summary>
    public static Msr FsBase => new(0xc0000100);

    /// <summary>IA32_GS_BASE.</summary>
    public static Msr GsBase => new(0xc0000101);

    /// <summary>IA32_KERNEL_GS_BASE.</summary>
    public static Msr KernelGsBase => new(0xc0000102);

    /// <summary>IA32_TSC_AUX.</summary>
    public static Msr TscAux => new(0xc0000103);

    /// <summary>SYSCFG.</summary>
    public static Msr SysCfg => new(0xc0010010);

    /// <summary>VM_CR.</summary>
    public static Msr VmCr => new(0xc0010114);

    /// <summary>VM_HSAVE_PA.</summary>
    public static Msr VmHsavePa => new(0xc0010117);

    /// <summary>The name in the manuals; null if it is none of those named here.</summary>
    public string? Name => Index switch
    {
        0x10 => "IA32_TIME_STAMP_COUNTER",
        0x1b => "IA32_APIC_BASE",
        0x48 => "IA32_SPEC_CTRL",
        0x49 => "IA32_PRED_CMD",
        0x8b => "IA32_BIOS_SIGN_ID",
        0xfe => "IA32_MTRRCAP",
        0x10a => "IA32_ARCH_CAPABILITIES",
        0x174 => "IA32_SYSENTER_CS",
        0x175 => "IA32_SYSENTER_ESP",
        0x176 => "IA32_SYSENTER_EIP",
        0x1a0 => "IA32_MISC_ENABLE",
        0x1d9 => "IA32_DEBUGCTL",
        0x277 => "IA32_PAT",
        0x2ff => "IA32_MTRR_DEF_TYPE",
        0x6a0 => "IA32_U_CET",
        0x6a2 => "IA32_S_CET",
        0x6a4 => "IA32_PL0_SSP",
        0x6a5 => "IA32_PL1_SSP",
        0x6a6 => "IA32_PL2_SSP",
        0x6a7 => "IA32_PL3_SSP",
        0x6a8 => "IA32_INTERRUPT_SSP_TABLE_ADDR",
        0x6e0 => "IA32_TSC_DEADLINE",
        0xda0 => "IA32_XSS",
        0xc0000080 => "IA32_EFER",
        0xc0000081 => "IA32_STAR",
        0xc0000082 => "IA32_LSTAR",
        0xc0000083 => "IA32_CSTAR",
        0xc0000084 => "IA32_FMASK",
        0xc0000100 => "IA32_FS_BASE",
        0xc0000101 => "IA32_GS_BASE",
        0xc0000102 => "IA32_KERNEL_GS_BASE",
        0xc0000103 => "IA32_TSC_AUX",
        0xc0010010 => "SYSCFG",
        0xc0010114 => "VM_CR",
        0xc0010117 => "VM_HSAVE_PA",
        _ => null,
    };

    /// <summary>The name, or the number.</summary>
    public override string ToString() => Name ?? string.Create(CultureInfo.InvariantCulture, $"MSR 0x{Index:x}");
}
