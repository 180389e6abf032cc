// Multiplication, squaring and Montgomery reduction modulo the BLS12-381 base prime with mulx, adcx and adox.
//
// Two carry chains run side by side: adcx adds the low halves of the products of one row, adox the high halves.
// The prime has 381 bits, so the accumulator of a row never carries out of its seventh limb.

#if defined(__x86_64__) && defined(__ELF__)

    .section .rodata
    .p2align 6
.Lprime:
    .quad 0xb9feffffffffaaab, 0x1eabfffeb153ffff, 0x6730d2a0f6b0f624
    .quad 0x64774b84f38512bf, 0x4b1ba7b6434bacd7, 0x1a0111ea397fe69a
.Lnegative_inverse:
    .quad 0x89f3fffcfffcfffd

    .text

#define low    %rax
#define high   %rbx
#define zero   %r15

.macro SAVE
    .cfi_startproc
    push %rbx
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %rbx, 0
    push %r12
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %r12, 0
    push %r13
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %r13, 0
    push %r14
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %r14, 0
    push %r15
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %r15, 0
.endm

.macro RESTORE
    pop %r15
    .cfi_adjust_cfa_offset -8
    .cfi_restore %r15
    pop %r14
    .cfi_adjust_cfa_offset -8
    .cfi_restore %r14
    pop %r13
    .cfi_adjust_cfa_offset -8
    .cfi_restore %r13
    pop %r12
    .cfi_adjust_cfa_offset -8
    .cfi_restore %r12
    pop %rbx
    .cfi_adjust_cfa_offset -8
    .cfi_restore %rbx
    ret
    .cfi_endproc
.endm

// t0..t6 = a * rdx
.macro FIRST_ROW t0, t1, t2, t3, t4, t5, t6
    mulx 0(%rsi), \t0, \t1
    mulx 8(%rsi), low, \t2
    add low, \t1
    mulx 16(%rsi), low, \t3
    adc low, \t2
    mulx 24(%rsi), low, \t4
    adc low, \t3
    mulx 32(%rsi), low, \t5
    adc low, \t4
    mulx 40(%rsi), low, \t6
    adc low, \t5
    adc $0, \t6
.endm

// t0..t6 += a * rdx
.macro ADD_ROW t0, t1, t2, t3, t4, t5, t6
    xor %r15d, %r15d
    mulx 0(%rsi), low, high
    adcx low, \t0
    adox high, \t1
    mulx 8(%rsi), low, high
    adcx low, \t1
    adox high, \t2
    mulx 16(%rsi), low, high
    adcx low, \t2
    adox high, \t3
    mulx 24(%rsi), low, high
    adcx low, \t3
    adox high, \t4
    mulx 32(%rsi), low, high
    adcx low, \t4
    adox high, \t5
    mulx 40(%rsi), low, high
    adcx low, \t5
    adox high, \t6
    adcx zero, \t6
.endm

// t0..t6 += p * (t0 * -1/p mod 2^64), which makes t0 zero
.macro REDUCE_ROW t0, t1, t2, t3, t4, t5, t6
    mov \t0, %rdx
    imul .Lnegative_inverse(%rip), %rdx
    xor %r15d, %r15d
    mulx .Lprime(%rip), low, high
    adcx low, \t0
    adox high, \t1
    mulx .Lprime+8(%rip), low, high
    adcx low, \t1
    adox high, \t2
    mulx .Lprime+16(%rip), low, high
    adcx low, \t2
    adox high, \t3
    mulx .Lprime+24(%rip), low, high
    adcx low, \t3
    adox high, \t4
    mulx .Lprime+32(%rip), low, high
    adcx low, \t4
    adox high, \t5
    mulx .Lprime+40(%rip), low, high
    adcx low, \t5
    adox high, \t6
    adcx zero, \t6
.endm

// Stores t0..t5, less p where that is not negative. Uses rax, rbx, rcx, rdx, rsi, r15.
.macro STORE_REDUCED t0, t1, t2, t3, t4, t5
    mov \t0, %rax
    mov \t1, %rbx
    mov \t2, %rcx
    mov \t3, %rdx
    mov \t4, %rsi
    mov \t5, %r15
    sub .Lprime(%rip), %rax
    sbb .Lprime+8(%rip), %rbx
    sbb .Lprime+16(%rip), %rcx
    sbb .Lprime+24(%rip), %rdx
    sbb .Lprime+32(%rip), %rsi
    sbb .Lprime+40(%rip), %r15
    cmovc \t0, %rax
    cmovc \t1, %rbx
    cmovc \t2, %rcx
    cmovc \t3, %rdx
    cmovc \t4, %rsi
    cmovc \t5, %r15
    mov %rax, 0(%rdi)
    mov %rbx, 8(%rdi)
    mov %rcx, 16(%rdi)
    mov %rdx, 24(%rdi)
    mov %rsi, 32(%rdi)
    mov %r15, 40(%rdi)
.endm

// The 12 limbs that `base` points to, below p * 2^384, divided by 2^384 modulo p. Uses everything.
.macro REDUCE_WIDE base
    mov 0(\base), %r8
    mov 8(\base), %r9
    mov 16(\base), %r10
    mov 24(\base), %r11
    mov 32(\base), %r12
    mov 40(\base), %r13
    xor %r14d, %r14d
    REDUCE_ROW %r8, %r9, %r10, %r11, %r12, %r13, %r14
    REDUCE_ROW %r9, %r10, %r11, %r12, %r13, %r14, %r8
    REDUCE_ROW %r10, %r11, %r12, %r13, %r14, %r8, %r9
    REDUCE_ROW %r11, %r12, %r13, %r14, %r8, %r9, %r10
    REDUCE_ROW %r12, %r13, %r14, %r8, %r9, %r10, %r11
    REDUCE_ROW %r13, %r14, %r8, %r9, %r10, %r11, %r12
    // What the low half leaves is at most p, so adding the high half stays below 2p.
    add 48(\base), %r14
    adc 56(\base), %r8
    adc 64(\base), %r9
    adc 72(\base), %r10
    adc 80(\base), %r11
    adc 88(\base), %r12
    STORE_REDUCED %r14, %r8, %r9, %r10, %r11, %r12
.endm

// void wl_fp_mul_adx(uint64_t result[6], const uint64_t a[6], const uint64_t b[6])
    .globl wl_fp_mul_adx
    .hidden wl_fp_mul_adx
    .type wl_fp_mul_adx, @function
    .p2align 5
wl_fp_mul_adx:
    SAVE
    mov %rdx, %rcx
    mov 0(%rcx), %rdx
    FIRST_ROW %r8, %r9, %r10, %r11, %r12, %r13, %r14
    REDUCE_ROW %r8, %r9, %r10, %r11, %r12, %r13, %r14
    mov 8(%rcx), %rdx
    ADD_ROW %r9, %r10, %r11, %r12, %r13, %r14, %r8
    REDUCE_ROW %r9, %r10, %r11, %r12, %r13, %r14, %r8
    mov 16(%rcx), %rdx
    ADD_ROW %r10, %r11, %r12, %r13, %r14, %r8, %r9
    REDUCE_ROW %r10, %r11, %r12, %r13, %r14, %r8, %r9
    mov 24(%rcx), %rdx
    ADD_ROW %r11, %r12, %r13, %r14, %r8, %r9, %r10
    REDUCE_ROW %r11, %r12, %r13, %r14, %r8, %r9, %r10
    mov 32(%rcx), %rdx
    ADD_ROW %r12, %r13, %r14, %r8, %r9, %r10, %r11
    REDUCE_ROW %r12, %r13, %r14, %r8, %r9, %r10, %r11
    mov 40(%rcx), %rdx
    ADD_ROW %r13, %r14, %r8, %r9, %r10, %r11, %r12
    REDUCE_ROW %r13, %r14, %r8, %r9, %r10, %r11, %r12
    STORE_REDUCED %r14, %r8, %r9, %r10, %r11, %r12
    RESTORE
    .size wl_fp_mul_adx, .-wl_fp_mul_adx

// The 12 limbs from `offset`(`target`) on = (rsi) * (rcx). Uses everything but rdi, rsi, rcx.
.macro MULTIPLY_WIDE target, offset
    mov 0(%rcx), %rdx
    FIRST_ROW %r8, %r9, %r10, %r11, %r12, %r13, %r14
    mov %r8, 0+\offset(\target)
    mov 8(%rcx), %rdx
    xor %r8d, %r8d
    ADD_ROW %r9, %r10, %r11, %r12, %r13, %r14, %r8
    mov %r9, 8+\offset(\target)
    mov 16(%rcx), %rdx
    xor %r9d, %r9d
    ADD_ROW %r10, %r11, %r12, %r13, %r14, %r8, %r9
    mov %r10, 16+\offset(\target)
    mov 24(%rcx), %rdx
    xor %r10d, %r10d
    ADD_ROW %r11, %r12, %r13, %r14, %r8, %r9, %r10
    mov %r11, 24+\offset(\target)
    mov 32(%rcx), %rdx
    xor %r11d, %r11d
    ADD_ROW %r12, %r13, %r14, %r8, %r9, %r10, %r11
    mov %r12, 32+\offset(\target)
    mov 40(%rcx), %rdx
    xor %r12d, %r12d
    ADD_ROW %r13, %r14, %r8, %r9, %r10, %r11, %r12
    mov %r13, 40+\offset(\target)
    mov %r14, 48+\offset(\target)
    mov %r8, 56+\offset(\target)
    mov %r9, 64+\offset(\target)
    mov %r10, 72+\offset(\target)
    mov %r11, 80+\offset(\target)
    mov %r12, 88+\offset(\target)
.endm

// void wl_fp_mul_wide_adx(uint64_t result[12], const uint64_t a[6], const uint64_t b[6])
    .globl wl_fp_mul_wide_adx
    .hidden wl_fp_mul_wide_adx
    .type wl_fp_mul_wide_adx, @function
    .p2align 5
wl_fp_mul_wide_adx:
    SAVE
    mov %rdx, %rcx
    MULTIPLY_WIDE %rdi, 0
    RESTORE
    .size wl_fp_mul_wide_adx, .-wl_fp_mul_wide_adx

// The 6 limbs at `to` = the sum of both halves of the element that `from` points to, below 2p.
.macro SUM_HALVES to, from
    mov 0(\from), %r8
    mov 8(\from), %r9
    mov 16(\from), %r10
    mov 24(\from), %r11
    mov 32(\from), %r12
    mov 40(\from), %r13
    add 48(\from), %r8
    adc 56(\from), %r9
    adc 64(\from), %r10
    adc 72(\from), %r11
    adc 80(\from), %r12
    adc 88(\from), %r13
    mov %r8, 0+\to(%rsp)
    mov %r9, 8+\to(%rsp)
    mov %r10, 16+\to(%rsp)
    mov %r11, 24+\to(%rsp)
    mov %r12, 32+\to(%rsp)
    mov %r13, 40+\to(%rsp)
.endm

// Six limbs less those at `offset`(`from`), with the borrow of the limbs before.
.macro SUBTRACT_ON from, offset, t0, t1, t2, t3, t4, t5
    sbb 0+\offset(\from), \t0
    sbb 8+\offset(\from), \t1
    sbb 16+\offset(\from), \t2
    sbb 24+\offset(\from), \t3
    sbb 32+\offset(\from), \t4
    sbb 40+\offset(\from), \t5
.endm

.macro LOAD from, offset, t0, t1, t2, t3, t4, t5
    mov 0+\offset(\from), \t0
    mov 8+\offset(\from), \t1
    mov 16+\offset(\from), \t2
    mov 24+\offset(\from), \t3
    mov 32+\offset(\from), \t4
    mov 40+\offset(\from), \t5
.endm

.macro STORE to, offset, t0, t1, t2, t3, t4, t5
    mov \t0, 0+\offset(\to)
    mov \t1, 8+\offset(\to)
    mov \t2, 16+\offset(\to)
    mov \t3, 24+\offset(\to)
    mov \t4, 32+\offset(\to)
    mov \t5, 40+\offset(\to)
.endm

// void wl_fp2_mul_wide_adx(uint64_t result[24], const uint64_t a[12], const uint64_t b[12])
//
// Karatsuba: low - high (plus p * 2^384 where that is negative), and (a0 + a1)(b0 + b1) - low - high.
// On the stack: the high product and both sums.
    .globl wl_fp2_mul_wide_adx
    .hidden wl_fp2_mul_wide_adx
    .type wl_fp2_mul_wide_adx, @function
    .p2align 5
wl_fp2_mul_wide_adx:
    SAVE
    sub $192, %rsp
    .cfi_adjust_cfa_offset 192
    mov %rdx, %rcx
    SUM_HALVES 96, %rsi
    SUM_HALVES 144, %rcx
    MULTIPLY_WIDE %rdi, 0
    add $48, %rsi
    add $48, %rcx
    MULTIPLY_WIDE %rsp, 0
    lea 96(%rsp), %rsi
    lea 144(%rsp), %rcx
    MULTIPLY_WIDE %rdi, 96
    // The low half of the third product, less both low halves; the borrows are kept in rax and rbx.
    LOAD %rdi, 96, %r8, %r9, %r10, %r11, %r12, %r13
    xor %eax, %eax
    xor %ebx, %ebx
    SUBTRACT_ON %rdi, 0, %r8, %r9, %r10, %r11, %r12, %r13
    adc $0, %rax
    SUBTRACT_ON %rsp, 0, %r8, %r9, %r10, %r11, %r12, %r13
    adc $0, %rbx
    STORE %rdi, 96, %r8, %r9, %r10, %r11, %r12, %r13
    LOAD %rdi, 144, %r8, %r9, %r10, %r11, %r12, %r13
    neg %rax
    SUBTRACT_ON %rdi, 48, %r8, %r9, %r10, %r11, %r12, %r13
    neg %rbx
    SUBTRACT_ON %rsp, 48, %r8, %r9, %r10, %r11, %r12, %r13
    STORE %rdi, 144, %r8, %r9, %r10, %r11, %r12, %r13
    // The difference, and the mask of its sign in rax.
    LOAD %rdi, 0, %r8, %r9, %r10, %r11, %r12, %r13
    xor %eax, %eax
    SUBTRACT_ON %rsp, 0, %r8, %r9, %r10, %r11, %r12, %r13
    STORE %rdi, 0, %r8, %r9, %r10, %r11, %r12, %r13
    LOAD %rdi, 48, %r8, %r9, %r10, %r11, %r12, %r13
    SUBTRACT_ON %rsp, 48, %r8, %r9, %r10, %r11, %r12, %r13
    sbb %rax, %rax
    mov .Lprime(%rip), %rbx
    mov .Lprime+8(%rip), %rcx
    mov .Lprime+16(%rip), %rdx
    mov .Lprime+24(%rip), %rsi
    mov .Lprime+32(%rip), %r14
    mov .Lprime+40(%rip), %r15
    and %rax, %rbx
    and %rax, %rcx
    and %rax, %rdx
    and %rax, %rsi
    and %rax, %r14
    and %rax, %r15
    add %rbx, %r8
    adc %rcx, %r9
    adc %rdx, %r10
    adc %rsi, %r11
    adc %r14, %r12
    adc %r15, %r13
    STORE %rdi, 48, %r8, %r9, %r10, %r11, %r12, %r13
    add $192, %rsp
    .cfi_adjust_cfa_offset -192
    RESTORE
    .size wl_fp2_mul_wide_adx, .-wl_fp2_mul_wide_adx

// void wl_fp_reduce_adx(uint64_t result[6], const uint64_t wide[12])
    .globl wl_fp_reduce_adx
    .hidden wl_fp_reduce_adx
    .type wl_fp_reduce_adx, @function
    .p2align 5
wl_fp_reduce_adx:
    SAVE
    mov %rsi, %rcx
    REDUCE_WIDE %rcx
    RESTORE
    .size wl_fp_reduce_adx, .-wl_fp_reduce_adx

// void wl_fp2_reduce_adx(uint64_t result[12], const uint64_t wide[24])
    .globl wl_fp2_reduce_adx
    .hidden wl_fp2_reduce_adx
    .type wl_fp2_reduce_adx, @function
    .p2align 5
wl_fp2_reduce_adx:
    SAVE
    push %rsi
    .cfi_adjust_cfa_offset 8
    mov %rsi, %rcx
    REDUCE_WIDE %rcx
    pop %rcx
    .cfi_adjust_cfa_offset -8
    add $96, %rcx
    add $48, %rdi
    REDUCE_WIDE %rcx
    RESTORE
    .size wl_fp2_reduce_adx, .-wl_fp2_reduce_adx

// One limb of the square on the stack: twice the cross products, plus one half of a limb's square.
.macro DOUBLE_AND_ADD offset, half
    mov \offset(%rsp), %r8
    adcx %r8, %r8
    adox \half, %r8
    mov %r8, \offset(%rsp)
.endm

// void wl_fp_sqr_adx(uint64_t result[6], const uint64_t a[6])
    .globl wl_fp_sqr_adx
    .hidden wl_fp_sqr_adx
    .type wl_fp_sqr_adx, @function
    .p2align 5
wl_fp_sqr_adx:
    SAVE
    sub $96, %rsp
    .cfi_adjust_cfa_offset 96
    // Cross products, limbs 1 to 10.
    mov 0(%rsi), %rdx
    mulx 8(%rsi), %r8, %r9
    mulx 16(%rsi), low, %r10
    add low, %r9
    mulx 24(%rsi), low, %r11
    adc low, %r10
    mulx 32(%rsi), low, %r12
    adc low, %r11
    mulx 40(%rsi), low, %r13
    adc low, %r12
    adc $0, %r13
    mov %r8, 8(%rsp)
    mov %r9, 16(%rsp)
    mov 8(%rsi), %rdx
    xor %r15d, %r15d
    mulx 16(%rsi), low, high
    adcx low, %r10
    adox high, %r11
    mulx 24(%rsi), low, high
    adcx low, %r11
    adox high, %r12
    mulx 32(%rsi), low, high
    adcx low, %r12
    adox high, %r13
    mulx 40(%rsi), low, %r14
    adcx low, %r13
    adox zero, %r14
    adcx zero, %r14
    mov %r10, 24(%rsp)
    mov %r11, 32(%rsp)
    mov 16(%rsi), %rdx
    xor %r15d, %r15d
    mulx 24(%rsi), low, high
    adcx low, %r12
    adox high, %r13
    mulx 32(%rsi), low, high
    adcx low, %r13
    adox high, %r14
    mulx 40(%rsi), low, %r8
    adcx low, %r14
    adox zero, %r8
    adcx zero, %r8
    mov %r12, 40(%rsp)
    mov %r13, 48(%rsp)
    mov 24(%rsi), %rdx
    xor %r15d, %r15d
    mulx 32(%rsi), low, high
    adcx low, %r14
    adox high, %r8
    mulx 40(%rsi), low, %r9
    adcx low, %r8
    adox zero, %r9
    adcx zero, %r9
    mov %r14, 56(%rsp)
    mov %r8, 64(%rsp)
    mov 32(%rsi), %rdx
    mulx 40(%rsi), low, %r10
    add low, %r9
    adc $0, %r10
    mov %r9, 72(%rsp)
    mov %r10, 80(%rsp)
    // Doubled on the carry chain, squares of the limbs added on the overflow chain.
    xor %r15d, %r15d
    mov 0(%rsi), %rdx
    mulx %rdx, low, high
    mov low, 0(%rsp)
    DOUBLE_AND_ADD 8, high
    mov 8(%rsi), %rdx
    mulx %rdx, low, high
    DOUBLE_AND_ADD 16, low
    DOUBLE_AND_ADD 24, high
    mov 16(%rsi), %rdx
    mulx %rdx, low, high
    DOUBLE_AND_ADD 32, low
    DOUBLE_AND_ADD 40, high
    mov 24(%rsi), %rdx
    mulx %rdx, low, high
    DOUBLE_AND_ADD 48, low
    DOUBLE_AND_ADD 56, high
    mov 32(%rsi), %rdx
    mulx %rdx, low, high
    DOUBLE_AND_ADD 64, low
    DOUBLE_AND_ADD 72, high
    mov 40(%rsi), %rdx
    mulx %rdx, low, high
    DOUBLE_AND_ADD 80, low
    mov $0, %r8d
    adcx %r8, high
    adox %r8, high
    mov high, 88(%rsp)
    REDUCE_WIDE %rsp
    add $96, %rsp
    .cfi_adjust_cfa_offset -96
    RESTORE
    .size wl_fp_sqr_adx, .-wl_fp_sqr_adx

#endif

#if defined(__ELF__)
    .section .note.GNU-stack, "", %progbits
#endif
