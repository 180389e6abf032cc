// Portable multiplication modulo the BLS12-381 base prime, the choice between it and the assembly, and what only
// the outside needs of Fp and Fp2.

#include "fp2.h"

#if WL_HAVE_ASSEMBLY
#include <cpuid.h>
#endif

typedef unsigned __int128 uint128;

const uint64_t wl_fp_prime[LIMBS] = {
    0xb9feffffffffaaab, 0x1eabfffeb153ffff, 0x6730d2a0f6b0f624,
    0x64774b84f38512bf, 0x4b1ba7b6434bacd7, 0x1a0111ea397fe69a,
};

// -1/p modulo 2^64.
static const uint64_t negative_inverse = 0x89f3fffcfffcfffd;

#if WL_HAVE_ASSEMBLY
bool wl_fp_has_adx = false;

// Before main, so that no thread ever sees the choice change.
__attribute__((constructor)) static void choose_kernels(void) {
    wl_field_use_assembly(1);
}
#endif

int wl_field_use_assembly(int wanted) {
#if WL_HAVE_ASSEMBLY
    unsigned int eax, ebx = 0, ecx, edx;
    bool usable = __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) && (ebx & bit_BMI2) && (ebx & bit_ADX);
    wl_fp_has_adx = wanted && usable;
    return wl_fp_has_adx;
#else
    (void)wanted;
    return 0;
#endif
}

// accumulator[0...6] += row * factor.
static inline void add_row(uint64_t *accumulator, const uint64_t *row, uint64_t factor) {
    uint64_t carry = 0;
    for (int i = 0; i < LIMBS; i++) {
        uint128 sum = (uint128)row[i] * factor + accumulator[i] + carry;
        accumulator[i] = (uint64_t)sum;
        carry = (uint64_t)(sum >> 64);
    }
    accumulator[LIMBS] += carry;
}

void wl_fp_mul_portable(uint64_t *result, const uint64_t *a, const uint64_t *b) {
    uint64_t accumulator[2 * LIMBS + 1] = {0};
    for (int i = 0; i < LIMBS; i++) {
        add_row(accumulator + i, a, b[i]);
        add_row(accumulator + i, wl_fp_prime, accumulator[i] * negative_inverse);
    }
    fp_settle(accumulator + LIMBS);
    __builtin_memcpy(result, accumulator + LIMBS, LIMBS * sizeof(uint64_t));
}

void wl_fp_mul_wide_portable(uint64_t *result, const uint64_t *a, const uint64_t *b) {
    uint64_t accumulator[2 * LIMBS] = {0};
    for (int i = 0; i < LIMBS; i++) {
        add_row(accumulator + i, a, b[i]);
    }
    __builtin_memcpy(result, accumulator, sizeof accumulator);
}

void wl_fp_reduce_portable(uint64_t *result, const uint64_t *wide) {
    uint64_t accumulator[2 * LIMBS] = {0};
    __builtin_memcpy(accumulator, wide, LIMBS * sizeof(uint64_t));
    for (int i = 0; i < LIMBS; i++) {
        add_row(accumulator + i, wl_fp_prime, accumulator[i] * negative_inverse);
    }
    // What the low half leaves is at most p, so adding the high half stays below 2p.
    limbs_add(accumulator + LIMBS, accumulator + LIMBS, wide + LIMBS, LIMBS);
    fp_settle(accumulator + LIMBS);
    __builtin_memcpy(result, accumulator + LIMBS, LIMBS * sizeof(uint64_t));
}

void wl_fp_add(wl_fp *result, const wl_fp *a, const wl_fp *b) { fp_add(result, a, b); }
void wl_fp_sub(wl_fp *result, const wl_fp *a, const wl_fp *b) { fp_sub(result, a, b); }
void wl_fp_neg(wl_fp *result, const wl_fp *a) { fp_neg(result, a); }
void wl_fp_mul(wl_fp *result, const wl_fp *a, const wl_fp *b) { fp_mul(result, a, b); }
void wl_fp_sqr(wl_fp *result, const wl_fp *a) { fp_sqr(result, a); }

void wl_fp_sqr_times(wl_fp *result, const wl_fp *a, int count) {
    *result = *a;
    for (int i = 0; i < count; i++) {
        fp_sqr(result, result);
    }
}

// Five bits at a time from a table of the first 32 powers; the exponent is public.
void wl_fp_pow(wl_fp *result, const wl_fp *base, const uint64_t *exponent) {
    enum { width = 5, windows = (384 + width - 1) / width };
    static const wl_fp one = FP_ONE;
    wl_fp powers[1 << width], value = one;
    powers[0] = one;
    for (int i = 1; i < 1 << width; i++) {
        fp_mul(&powers[i], &powers[i - 1], base);
    }
    for (int window = windows - 1; window >= 0; window--) {
        int bit = window * width;
        uint64_t digit = exponent[bit / 64] >> (bit % 64);
        if (bit % 64 > 64 - width && bit / 64 + 1 < LIMBS) {
            digit |= exponent[bit / 64 + 1] << (64 - bit % 64);
        }
        wl_fp_sqr_times(&value, &value, width);
        if (digit % (1 << width)) {
            fp_mul(&value, &value, &powers[digit % (1 << width)]);
        }
    }
    *result = value;
}

void wl_fp2_add(wl_fp2 *result, const wl_fp2 *a, const wl_fp2 *b) { fp2_add(result, a, b); }
void wl_fp2_sub(wl_fp2 *result, const wl_fp2 *a, const wl_fp2 *b) { fp2_sub(result, a, b); }
void wl_fp2_neg(wl_fp2 *result, const wl_fp2 *a) { fp2_neg(result, a); }
void wl_fp2_mul(wl_fp2 *result, const wl_fp2 *a, const wl_fp2 *b) { fp2_mul(result, a, b); }
void wl_fp2_sqr(wl_fp2 *result, const wl_fp2 *a) { fp2_sqr(result, a); }
void wl_fp2_mul_fp(wl_fp2 *result, const wl_fp2 *a, const wl_fp *b) { fp2_mul_fp(result, a, b); }
void wl_fp2_mul_xi(wl_fp2 *result, const wl_fp2 *a) { fp2_mul_xi(result, a); }

void wl_select(uint64_t *result, const uint64_t *table, size_t words, size_t count, uint64_t index) {
    for (size_t entry = 0; entry < count; entry++) {
        uint64_t difference = index ^ (uint64_t)(entry + 1);
        uint64_t mask = ~mask_of((difference | -difference) >> 63);
        for (size_t word = 0; word < words; word++) {
            result[word] = (result[word] & ~mask) | (table[entry * words + word] & mask);
        }
    }
}
