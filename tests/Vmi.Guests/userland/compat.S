# A 32-bit process, without a library: says that it is ready on descriptor 3, closes it and sleeps.
    .code32
    .globl _start
_start:
    movl $4, %eax               # write
    movl $3, %ebx
    movl $ready, %ecx
    movl $6, %edx
    int $0x80
    movl $6, %eax               # close
    movl $3, %ebx
    int $0x80
sleep:
    movl $29, %eax              # pause
    int $0x80
    jmp sleep

    .data
ready:
    .ascii "ready\n"

    .section .note.GNU-stack, "", @progbits
