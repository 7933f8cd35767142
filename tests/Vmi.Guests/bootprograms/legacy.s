# 32-bit paging: 4 KiB pages, and with --defsym PSE=1 4 MiB pages, one of them above 4 GiB (PSE-36).
.set LONG, 0
.include "common.inc"
    LOAD_SYSTEM_SEGMENTS
    movl $TABLES, %eax
    movl %eax, %cr3
    movl $(PSE << 4), %eax
    movl %eax, %cr4
    movl $0x80010001, %eax
    movl %eax, %cr0
    RUN eax, ecx
    FINISH

.section .tables
pd:                                     # 200000
.if PSE
    .long P | W | PS                    # 00000000: this program
.else
    .long TABLES + 0x2000 + (P | W)
.endif
    .long TABLES + 0x1000 + (P | W | U) # 00400000
    .long 0xdeadbee0                    # 00800000: not present
    .long TABLES + 0x1000 + (P | U | PS) # 00c00000: a large page from 0 (bit 21 is reserved in it), or a table
    .long (1 << 13) | 0x00400000 | (P | W | PS) # 01000000: 4 MiB at 1_00400000, or a table that is not there
    .long 0x00200000 | (P | W | PS)     # 01400000: bit 21 is reserved in a large page
    .long LARGEPAT | (P | W | U | PS | G) # 01800000: PAT and global
    .long TABLES + 0x1000 + (P | U)     # 01c00000: read-only above the table
    .long TABLES + 0x1000 + (P | W)     # 02000000: supervisor above the table
    .long 0xff000000 | (P | W)          # 02400000: a table that is not there
    .long (0xff << 13) | 0xffc00000 | (P | W | PS) # 02800000: the highest 4 MiB of 40 bits
    .long P | U | PS                    # 02c00000: user, read-only
    .org 0xffc
    .long TABLES + (P | W)              # ffc00000: the tables themselves

pt:                                     # 201000
    .long RET + (P | W | U)
    .long RET + (P | U)
    .long RET + (P | W)
    .long RET + P
    .long 0x12345678 & ~P
    .long RET + (P | W | U | PAT | G)
    .long RET + 0x1000 + (P | W | 0xe00 | 0x60)
    .long 0xfffff000 + (P | W)          # the highest frame
    .org 0x1ffc
    .long RET + 0x1000 + (P | W | U)

identity:                               # 202000
    .set frame, 0
    .rept 1024
    .long frame + (P | W)
    .set frame, frame + 0x1000
    .endr

    PROBE_LIST
    .irp base, 0x00400000, 0x01c00000, 0x02000000
    AT \base + 0x0000
    AT \base + 0x1004
    AT \base + 0x2008
    AT \base + 0x3ffc
    AT \base + 0x4000
    AT \base + 0x5abc
    AT \base + 0x6def
    AT \base + 0x3ff000
    .endr
    AT 0x00800000
    AT 0x00bff123
.if PSE
    AT 0x00f00000
    AT 0x01000000, R_ | S_
    AT 0x01400000
    AT 0x01b00010
    AT 0x028fff00, R_ | S_
    AT 0x02f00010
.else
    AT 0x00c00000
    AT 0x00c01000
.endif
    AT 0x02400000, R_
    AT 0x03000000
    AT 0xff800000
    AT 0xfffff000, R_ | S_
    AT 0xffc01000, R_ | S_
    END_PROBES
