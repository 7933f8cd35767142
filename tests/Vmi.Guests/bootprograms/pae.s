# PAE paging: 4 KiB and 2 MiB pages below a top table that is aligned to 32 bytes only. --defsym NXE=1 sets EFER.NXE; with 0,
# bit 63 is reserved.
.set LONG, 0
.include "common.inc"
    LOAD_SYSTEM_SEGMENTS
    movl $(pdpt + 0x18), %eax           # PWT and PCD set
    movl %eax, %cr3
    movl $0x20, %eax
    movl %eax, %cr4
    movl $0xc0000080, %ecx
    movl $(NXE << 11), %eax
    xorl %edx, %edx
    wrmsr
    movl $0x80010001, %eax
    movl %eax, %cr0
    RUN eax, ecx
    FINISH

.section .tables
    .fill 0xfe0
pdpt:                                   # 200fe0
    .quad TABLES + 0x1000 + P
    .quad TABLES + 0x2000 + P
    .quad 0x7ffffffffffffffe            # not present
    .quad TABLES + 0x2000 + (P | 0x18)

pd0:                                    # 201000
    .quad 0x000000 + (P | W | PS)       # 00000000: this program
    .quad 0x200000 + (P | W | PS)
    .quad TABLES + 0x3000 + (P | W | U) # 00400000
    .quad 0x200000 + (P | U | PS) + NX  # 00600000
    .quad 0x200000 + LARGEPAT + (P | W | U | PS | G) # 00800000: PAT
    .quad 0x200000 + 0x2000 + (P | W | PS) # 00a00000: bit 13 is reserved
    .quad TABLES + 0x3000 + (P | W) + NX # 00c00000
    .quad 0x200000 + (P | W | PS) + (1 << 52) # 00e00000: reserved
    .quad 0x200000 + (P | W | PS) + (1 << 40) # 01000000: above MAXPHYADDR of 40
    .quad 0xfffe00000 + (P | W | PS)    # 01200000: no memory there
    .quad TABLES + 0x3000 + P           # 01400000
    .quad TABLES + 0x3000 + (P | W) + (1 << 41) # 01600000: above MAXPHYADDR

    .org 0x2000
pd1:                                    # 202000
    .quad 0x200000 + (P | W | U | PS)
    .quad TABLES + 0x3000 + (P | W | U)
    .quad 0xfffffffffffffffe            # not present
    .org 0x2ff8
    .quad TABLES + 0x1000 + (P | W)     # the tables themselves

pt:                                     # 203000
    .quad RET + (P | W)
    .quad RET + P
    .quad RET + (P | W | U)
    .quad RET + (P | W) + NX
    .quad 0x123456789abcde & ~P
    .quad RET + (P | W) + (1 << 62)     # reserved
    .quad RET + 0x1000 + (P | W | U | PAT | G | 0x60)
    .quad RET + (P | W | U) + NX
    .quad RET + (P | W) + (1 << 51)     # reserved
    .org 0x3ff8
    .quad RET + 0x1000 + (P | U)

    PROBE_LIST
    .irp base, 0x00400000, 0x00c00000, 0x01400000, 0x40200000, 0xc0200000
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
    .endr
    AT 0x00700000
    AT 0x00900000
    AT 0x00b00000
    AT 0x00f00000
    AT 0x01100000
    AT 0x01200000, R_ | S_
    AT 0x01600000
    AT 0x01800000
    AT 0x40100000
    AT 0x40400000
    AT 0x80000000
    AT 0xbfffffff
    AT 0xc0100000
    AT 0xffe00000, R_ | S_
    END_PROBES
