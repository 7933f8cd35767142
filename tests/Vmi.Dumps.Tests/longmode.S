# A multiboot kernel that puts the CPU into long mode with the same memory mapped twice, gives each register a value of its own,
# and halts. Built by the test with `as --64` and `ld`, then made ELF32 with objcopy, which is what QEMU's -kernel takes.
        .set    MAGIC, 0x1BADB002
        .set    PML4, 0x300000
        .set    PDPT, 0x301000
        .set    PD, 0x302000

        .section .text
        .code32
        .align  4
        .long   MAGIC, 0, -MAGIC

        .globl  _start
_start: cli
        movl    $(PDPT + 3), PML4                       # entry 0: the lower half
        movl    $(PDPT + 3), PML4 + 256 * 8             # entry 256: the same in the upper half
        movl    $(PD + 3), PDPT
        movl    $0x83, %eax                             # 16 pages of 2 MiB, 32 MiB in all
        movl    $PD, %edi
        movl    $16, %ecx
1:      movl    %eax, (%edi)
        addl    $0x200000, %eax
        addl    $8, %edi
        loop    1b
        movl    $0xc0000102, %ecx                       # KERNEL_GS_BASE
        movl    $0x89abcdef, %eax
        movl    $0x00001234, %edx
        wrmsr
        movl    $0xfee00000, %edi                       # the local APIC
        movl    $0x1e5, 0xf0(%edi)                      # SVR: on, vector 0xe5
        movl    $0x52, 0x80(%edi)                       # TPR
        movl    $0x84000000, 0xd0(%edi)                 # LDR
        movl    $0x0fffffff, 0xe0(%edi)                 # DFR: the cluster model
        movl    $0x000300e0, 0x320(%edi)                # LVT: timer, periodic, masked
        movl    $0x00010400, 0x340(%edi)                # performance counters: NMI, masked
        movl    $0x0000a700, 0x350(%edi)                # LINT0: ExtINT, level, active low
        movl    $0x000000fe, 0x370(%edi)                # error
        movl    $0x0000000a, 0x3e0(%edi)                # divide by 128
        movl    $0x12345678, 0x380(%edi)                # initial count
        movl    $0, 0x310(%edi)
        movl    $0x00044041, 0x300(%edi)                # ICR: vector 0x41 and 0xef to itself, which stay pending
        movl    $0x000440ef, 0x300(%edi)
        movl    $0x220, %eax                            # CR4: PAE, OSFXSR
        movl    %eax, %cr4
        movl    $PML4, %eax
        movl    %eax, %cr3
        movl    $0xc0000080, %ecx                       # EFER.LME
        rdmsr
        orl     $0x100, %eax
        wrmsr
        movl    %cr0, %eax
        orl     $0x80000000, %eax                       # CR0.PG
        movl    %eax, %cr0
        lgdt    gdtr
        ljmp    $8, $long

        .code64
long:   movw    $16, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %fs
        movw    %ax, %gs
        movw    %ax, %ss
        lidt    idtr
        ldmxcsr mxcsr
        .irp    number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        movdqu  values + \number, %xmm\number          # each begins a byte further on
        .endr
        movabsq $0x1111111111111111, %rax
        movabsq $0x2222222222222222, %rbx
        movabsq $0x3333333333333333, %rcx
        movabsq $0x4444444444444444, %rdx
        movabsq $0x5555555555555555, %rsi
        movabsq $0x6666666666666666, %rdi
        movabsq $0x7777777777777777, %rbp
        movabsq $0xffff800000400000, %rsp
        movabsq $0x8888888888888888, %r8
        movabsq $0x9999999999999999, %r9
        movabsq $0xaaaaaaaaaaaaaaaa, %r10
        movabsq $0xbbbbbbbbbbbbbbbb, %r11
        movabsq $0xcccccccccccccccc, %r12
        movabsq $0xdddddddddddddddd, %r13
        movabsq $0xeeeeeeeeeeeeeeee, %r14
        movabsq $0xf0f0f0f0f0f0f0f0, %r15
2:      hlt
        jmp     2b

mxcsr:  .long   0x5fa0                                  # rounding up, all masked, an inexact result seen
values: .byte   0x80, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        .byte   16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31

        .align  8
gdt:    .quad   0
        .quad   0x00af9b000000ffff                      # 64-bit code
        .quad   0x00cf93000000ffff                      # data
gdtr:   .word   23
        .quad   gdt
idtr:   .word   0x0abc
        .quad   0xffff800000500000
