# Long mode: 4 KiB, 2 MiB and 1 GiB pages, --defsym LEVELS=4 or 5.
.set LONG, 1
.include "common.inc"
.if LEVELS == 5
    movl $(pml5 + 0x18), %eax           # PWT and PCD set
    movl $0x1020, %edx
.else
    movl $(pml4 + 0x18), %eax
    movl $0x20, %edx
.endif
    movl %eax, %cr3
    movl %edx, %cr4
    movl $0xc0000080, %ecx
    movl $0x901, %eax                   # NXE, LME, SCE
    xorl %edx, %edx
    wrmsr
    movl $0xc0000082, %ecx              # LSTAR
    movl $0x89abcdef, %eax
    movl $0xffff8123, %edx
    wrmsr
    movl $0x80010001, %eax
    movl %eax, %cr0
    ljmp $CODE, $1f
.code64
1:  LOAD_SYSTEM_SEGMENTS
    RUN rax, rcx
    FINISH

.section .tables
pml4:                                   # 200000
    .quad TABLES + 0x1000 + (P | W | U)
    .quad 0x7ffffffffffffffe            # not present
    .quad TABLES + 0x1000 + (P | W | PS) # reserved
    .quad TABLES + 0x2000 + (P | W | U)
    .quad TABLES + 0x1000 + (P | W | U) + (1 << 41) # above MAXPHYADDR
    .quad 0xfffffff000 + (P | W)        # a table that is not there
    .org 0x800
    .quad TABLES + 0x1000 + (P | W)     # 256
    .quad TABLES + 0x1000 + (P | U) + (0x7ff << 52) # 257: ignored bits and a protection key
    .org 0xff0
    .quad TABLES + (P | W)              # 510: the tables themselves
    .quad TABLES + 0x2000 + (P | W | U) + NX

pdpt0:                                  # 201000
    .quad TABLES + 0x3000 + (P | W | U)
    .quad P | U | PS                    # 1 GiB from 0
    .quad LARGEPAT + (P | W | U | PS | G) # PAT
    .quad 0x2000 + (P | W | PS)         # bit 13 is reserved
    .quad 0x4000000000 + (P | W | PS)   # no memory there
    .quad (P | W | PS) + NX
    .quad 0xfffffffffffffffe            # not present
    .quad 0x20000000 + (P | W | PS)     # bit 29 is reserved
    .quad (P | W | U | PS) + (1 << 40)  # above MAXPHYADDR
    .quad TABLES + 0x3000 + (P | W)

    .org 0x2000
pdpt1:                                  # 202000
    .quad TABLES + 0x3000 + (P | W | U)
    .quad TABLES + 0x3000 + (P | U)
    .quad TABLES + 0x3000 + (P | W) + NX
    .quad (P | W | U | PS) + (0x7ff << 52)
    .org 0x2ff8
    .quad TABLES + 0x3000 + (P | W | U)

pd:                                     # 203000
    .quad 0x000000 + (P | W | PS)       # this program
    .quad 0x200000 + (P | W | PS)
    .quad TABLES + 0x4000 + (P | W | U)
    .quad 0x200000 + (P | U | PS) + NX
    .quad 0x200000 + LARGEPAT + (P | W | U | PS | G) # PAT
    .quad 0x200000 + 0x2000 + (P | W | PS) # bit 13 is reserved
    .quad TABLES + 0x4000 + (P | W) + NX
    .quad 0x200000 + (P | W | U | PS) + (0x7ff << 52) # ignored bits and a protection key
    .quad 0x300000 + (P | W | PS)       # bit 20 is reserved
    .quad TABLES + 0x4000 + P
    .quad 0x200000 + (P | W | PS) + (1 << 51) # reserved
    .quad 0x200000 + (W | U | PS)       # not present
    .org 0x3ff8
    .quad TABLES + 0x4000 + (P | W | U)

pt:                                     # 204000
    .quad RET + (P | W)
    .quad RET + P
    .quad RET + (P | W | U)
    .quad RET + (P | W) + NX
    .quad 0x123456789abcde & ~P
    .quad RET + (P | W | U) + (0x7ff << 52) # ignored bits and a protection key
    .quad RET + 0x1000 + (P | W | U | PAT | G | 0x60)
    .quad RET + (P | W | U) + NX
    .quad RET + (P | W) + (1 << 45)     # reserved
    .org 0x4ff8
    .quad RET + 0x1000 + (P | U)

    .org 0x5000
pml5:                                   # 205000
    .quad TABLES + (P | W | U)
    .quad TABLES + (P | W) + NX
    .quad TABLES + (P | W | PS)         # reserved
    .quad 0x7ffffffffffffffe            # not present
    .quad TABLES + (P | W) + (1 << 44)  # reserved
    .org 0x5800
    .quad TABLES + (P | U)              # 256
    .org 0x5ff8
    .quad TABLES + (P | W | U)

# The page-table entries below one PD, at the given address.
.macro AT_PAGES base
    AT \base + 0x0000
    AT \base + 0x1004
    AT \base + 0x2008
    AT \base + 0x3ffc
    AT \base + 0x4000
    AT \base + 0x5abc
    AT \base + 0x6def
    AT \base + 0x7001
    AT \base + 0x8002
    AT \base + 0x1ff000
.endm

.macro AT_DIRECTORY base
    AT_PAGES \base + 0x400000
    AT_PAGES \base + 0xc00000
    AT_PAGES \base + 0x1200000
    AT_PAGES \base + 0x3fe00000
    AT \base + 0x100000, R_
    AT \base + 0x300000, R_
    AT \base + 0x700000
    AT \base + 0x900000
    AT \base + 0xb00000
    AT \base + 0xf00000
    AT \base + 0x1100000
    AT \base + 0x1500000
    AT \base + 0x1700000
    AT \base + 0x1800000
.endm

.macro AT_TOP base
    AT_DIRECTORY \base
    AT \base + 0x40300000
    AT \base + 0x80300000
    AT \base + 0xc0300000
    AT \base + 0x100300000, R_ | S_
    AT \base + 0x140300000
    AT \base + 0x180300000
    AT \base + 0x1c0300000
    AT \base + 0x200300000
    AT_DIRECTORY \base + 0x240000000
    AT \base + 0x280000000
.endm

.macro AT_FOUR_LEVELS base
    AT_TOP \base
    AT \base + 0x0000008000300000
    AT \base + 0x0000010000300000
    AT_DIRECTORY \base + 0x0000018000000000
    AT_DIRECTORY \base + 0x0000018040000000
    AT_DIRECTORY \base + 0x0000018080000000
    AT \base + 0x00000180c0300000
    AT_PAGES \base + 0x000001ffc0400000
    AT \base + 0x0000020000300000
    AT \base + 0x0000028000300000, R_
    AT \base + 0x0000030000000000
.endm

    PROBE_LIST
    AT_FOUR_LEVELS 0
.if LEVELS == 5
    AT_DIRECTORY 0x0000800000000000
    AT_DIRECTORY 0x0000808000000000
    AT_DIRECTORY 0x0000ff8000000000
    AT_FOUR_LEVELS 0x0001000000000000
    AT 0x0002000000300000
    AT 0x0003000000300000
    AT 0x0004000000300000
    AT_FOUR_LEVELS 0xff00000000000000
    AT 0xff7fffffffffffff
    AT 0x0100000000000000
    AT 0x8000000000300000
    AT_FOUR_LEVELS 0xffff000000000000
.else
    AT 0x0000800000000000
    AT 0xffff7fffffffffff
    AT 0x8000000000300000
.endif
    AT_DIRECTORY 0xffff800000000000
    AT_DIRECTORY 0xffff808000000000
    AT 0xffff80c080300000
    AT 0xffffff0000000000, R_ | S_
    AT 0xffffff7fbfdfe000, R_ | S_
    AT_DIRECTORY 0xffffff8000000000
    AT_PAGES 0xffffffffc0400000
    END_PROBES
