// Arithmetic modulo the BLS12-381 base prime for the kernels of this target: branch-free, operands in Montgomery
// form and below p unless said otherwise.

#ifndef WL_FP_H
#define WL_FP_H

#include "CFieldKernels.h"
#include "mask.h"

#include <stdbool.h>

#if defined(__x86_64__) && defined(__ELF__)
#define WL_HAVE_ASSEMBLY 1
#else
#define WL_HAVE_ASSEMBLY 0
#endif

#define LIMBS 6

// 2^384 modulo p.
#define FP_ONE                                                                                                     \
    {{                                                                                                             \
        0x760900000002fffd, 0xebf4000bc40c0002, 0x5f48985753c758ba, 0x77ce585370525745, 0x5c071a97a256ec6d,        \
        0x15f65ec3fa80e493,                                                                                        \
    }}

// A product of two field elements before its reduction: below p * 2^384.
typedef struct {
    uint64_t limb[2 * LIMBS];
} fp_wide;

typedef struct {
    fp_wide c0, c1;
} fp2_wide;

extern const uint64_t wl_fp_prime[LIMBS] __attribute__((visibility("hidden")));

void wl_fp_mul_portable(uint64_t *result, const uint64_t *a, const uint64_t *b);
void wl_fp_mul_wide_portable(uint64_t *result, const uint64_t *a, const uint64_t *b);
void wl_fp_reduce_portable(uint64_t *result, const uint64_t *wide);

#if WL_HAVE_ASSEMBLY
extern bool wl_fp_has_adx __attribute__((visibility("hidden")));
void wl_fp_mul_adx(uint64_t *result, const uint64_t *a, const uint64_t *b);
void wl_fp_sqr_adx(uint64_t *result, const uint64_t *a);
void wl_fp_mul_wide_adx(uint64_t *result, const uint64_t *a, const uint64_t *b);
void wl_fp_reduce_adx(uint64_t *result, const uint64_t *wide);
void wl_fp2_mul_wide_adx(uint64_t *result, const uint64_t *a, const uint64_t *b);
void wl_fp2_reduce_adx(uint64_t *result, const uint64_t *wide);
#endif

// Operands may be below 2p.
static inline void fp_mul(wl_fp *result, const wl_fp *a, const wl_fp *b) {
#if WL_HAVE_ASSEMBLY
    if (__builtin_expect(wl_fp_has_adx, 1)) {
        wl_fp_mul_adx(result->limb, a->limb, b->limb);
        return;
    }
#endif
    wl_fp_mul_portable(result->limb, a->limb, b->limb);
}

static inline void fp_sqr(wl_fp *result, const wl_fp *a) {
#if WL_HAVE_ASSEMBLY
    if (__builtin_expect(wl_fp_has_adx, 1)) {
        wl_fp_sqr_adx(result->limb, a->limb);
        return;
    }
#endif
    wl_fp_mul_portable(result->limb, a->limb, a->limb);
}

// Operands may be below 2p. The result must not overlap them.
static inline void fp_mul_wide(fp_wide *result, const wl_fp *a, const wl_fp *b) {
#if WL_HAVE_ASSEMBLY
    if (__builtin_expect(wl_fp_has_adx, 1)) {
        wl_fp_mul_wide_adx(result->limb, a->limb, b->limb);
        return;
    }
#endif
    wl_fp_mul_wide_portable(result->limb, a->limb, b->limb);
}

static inline void fp_reduce(wl_fp *result, const fp_wide *wide) {
#if WL_HAVE_ASSEMBLY
    if (__builtin_expect(wl_fp_has_adx, 1)) {
        wl_fp_reduce_adx(result->limb, wide->limb);
        return;
    }
#endif
    wl_fp_reduce_portable(result->limb, wide->limb);
}

// Counts are constants: without their loops unrolled, compilers lose the carry flag.
static inline __attribute__((always_inline)) uint64_t limbs_add(
    uint64_t *result, const uint64_t *a, const uint64_t *b, int count
) {
    unsigned long long carry = 0;
#pragma clang loop unroll(full)
    for (int i = 0; i < count; i++) {
        result[i] = __builtin_addcll(a[i], b[i], carry, &carry);
    }
    return carry;
}

static inline __attribute__((always_inline)) uint64_t limbs_sub(
    uint64_t *result, const uint64_t *a, const uint64_t *b, int count
) {
    unsigned long long borrow = 0;
#pragma clang loop unroll(full)
    for (int i = 0; i < count; i++) {
        result[i] = __builtin_subcll(a[i], b[i], borrow, &borrow);
    }
    return borrow;
}

// Takes p off where the value is not below it.
static inline void fp_settle(uint64_t *value) {
#if WL_HAVE_ASSEMBLY
    uint64_t less0 = value[0], less1 = value[1], less2 = value[2], less3 = value[3], less4 = value[4];
    uint64_t less5 = value[5];
    __asm__("subq %12, %0\n\tsbbq %13, %1\n\tsbbq %14, %2\n\tsbbq %15, %3\n\tsbbq %16, %4\n\tsbbq %17, %5\n\t"
            "cmovcq %6, %0\n\tcmovcq %7, %1\n\tcmovcq %8, %2\n\tcmovcq %9, %3\n\tcmovcq %10, %4\n\tcmovcq %11, %5"
            : "+&r"(less0), "+&r"(less1), "+&r"(less2), "+&r"(less3), "+&r"(less4), "+&r"(less5)
            : "m"(value[0]), "m"(value[1]), "m"(value[2]), "m"(value[3]), "m"(value[4]), "m"(value[5]),
              "m"(wl_fp_prime[0]), "m"(wl_fp_prime[1]), "m"(wl_fp_prime[2]), "m"(wl_fp_prime[3]), "m"(wl_fp_prime[4]),
              "m"(wl_fp_prime[5])
            : "cc");
    value[0] = less0, value[1] = less1, value[2] = less2, value[3] = less3, value[4] = less4, value[5] = less5;
#else
    uint64_t less[LIMBS];
    uint64_t keep = mask_of(limbs_sub(less, value, wl_fp_prime, LIMBS));
    for (int i = 0; i < LIMBS; i++) {
        value[i] = less[i] ^ ((value[i] ^ less[i]) & keep);
    }
#endif
}

static inline void fp_add(wl_fp *result, const wl_fp *a, const wl_fp *b) {
    wl_fp sum;
    limbs_add(sum.limb, a->limb, b->limb, LIMBS);
    fp_settle(sum.limb);
    *result = sum;
}

// Leaves a sum below 2p, for a multiplication.
static inline void fp_add_lazy(wl_fp *result, const wl_fp *a, const wl_fp *b) {
    limbs_add(result->limb, a->limb, b->limb, LIMBS);
}

static inline void fp_sub(wl_fp *result, const wl_fp *a, const wl_fp *b) {
    uint64_t difference[LIMBS], correction[LIMBS];
    uint64_t mask = mask_of(limbs_sub(difference, a->limb, b->limb, LIMBS));
    for (int i = 0; i < LIMBS; i++) {
        correction[i] = wl_fp_prime[i] & mask;
    }
    limbs_add(result->limb, difference, correction, LIMBS);
}

static inline uint64_t fp_is_zero(const wl_fp *a) {
    uint64_t any = 0;
    for (int i = 0; i < LIMBS; i++) {
        any |= a->limb[i];
    }
    return ((any | -any) >> 63) ^ 1;
}

static inline void fp_neg(wl_fp *result, const wl_fp *a) {
    uint64_t mask = ~mask_of(fp_is_zero(a));
    uint64_t difference[LIMBS];
    limbs_sub(difference, wl_fp_prime, a->limb, LIMBS);
    for (int i = 0; i < LIMBS; i++) {
        result->limb[i] = difference[i] & mask;
    }
}

static inline void wide_add(fp_wide *result, const fp_wide *a, const fp_wide *b) {
    limbs_add(result->limb, a->limb, b->limb, 2 * LIMBS);
    fp_settle(result->limb + LIMBS);
}

static inline void wide_sub(fp_wide *result, const fp_wide *a, const fp_wide *b) {
    uint64_t correction[LIMBS];
    uint64_t mask = mask_of(limbs_sub(result->limb, a->limb, b->limb, 2 * LIMBS));
    for (int i = 0; i < LIMBS; i++) {
        correction[i] = wl_fp_prime[i] & mask;
    }
    limbs_add(result->limb + LIMBS, result->limb + LIMBS, correction, LIMBS);
}

// For a difference that is known not to be negative.
static inline void wide_sub_lazy(fp_wide *result, const fp_wide *a, const fp_wide *b) {
    limbs_sub(result->limb, a->limb, b->limb, 2 * LIMBS);
}

#endif
