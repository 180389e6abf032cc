// The scalar field of BLS12-381, integers modulo r.

#include "CFieldKernels.h"
#include "mask.h"

enum { count = 4 };

typedef unsigned __int128 uint128;

static const uint64_t order[count] = {
    0xffffffff00000001, 0x53bda402fffe5bfe, 0x3339d80809a1d805, 0x73eda753299d7d48,
};

// -1/r modulo 2^64.
static const uint64_t negative_inverse = 0xfffffffeffffffff;

static inline void settle(uint64_t *value) {
    uint64_t less[count];
    unsigned long long borrow = 0;
    for (int i = 0; i < count; i++) {
        less[i] = __builtin_subcll(value[i], order[i], borrow, &borrow);
    }
    uint64_t keep = mask_of(borrow);
    for (int i = 0; i < count; i++) {
        value[i] = less[i] ^ ((value[i] ^ less[i]) & keep);
    }
}

static inline void fr_add(wl_fr *result, const wl_fr *a, const wl_fr *b) {
    unsigned long long carry = 0;
    for (int i = 0; i < count; i++) {
        result->limb[i] = __builtin_addcll(a->limb[i], b->limb[i], carry, &carry);
    }
    settle(result->limb);
}

static inline void fr_sub(wl_fr *result, const wl_fr *a, const wl_fr *b) {
    unsigned long long borrow = 0, carry = 0;
    uint64_t difference[count];
    for (int i = 0; i < count; i++) {
        difference[i] = __builtin_subcll(a->limb[i], b->limb[i], borrow, &borrow);
    }
    uint64_t mask = mask_of(borrow);
    for (int i = 0; i < count; i++) {
        result->limb[i] = __builtin_addcll(difference[i], order[i] & mask, carry, &carry);
    }
}

static inline void add_row(uint64_t *accumulator, const uint64_t *row, uint64_t factor) {
    uint64_t carry = 0;
    for (int i = 0; i < count; i++) {
        uint128 sum = (uint128)row[i] * factor + accumulator[i] + carry;
        accumulator[i] = (uint64_t)sum;
        carry = (uint64_t)(sum >> 64);
    }
    accumulator[count] += carry;
}

static inline void fr_mul(wl_fr *result, const wl_fr *a, const wl_fr *b) {
    uint64_t accumulator[2 * count] = {0};
    for (int i = 0; i < count; i++) {
        add_row(accumulator + i, a->limb, b->limb[i]);
        add_row(accumulator + i, order, accumulator[i] * negative_inverse);
    }
    settle(accumulator + count);
    __builtin_memcpy(result->limb, accumulator + count, sizeof *result);
}

void wl_fr_add(wl_fr *result, const wl_fr *a, const wl_fr *b) { fr_add(result, a, b); }
void wl_fr_sub(wl_fr *result, const wl_fr *a, const wl_fr *b) { fr_sub(result, a, b); }
void wl_fr_mul(wl_fr *result, const wl_fr *a, const wl_fr *b) { fr_mul(result, a, b); }

void wl_fr_neg(wl_fr *result, const wl_fr *a) {
    static const wl_fr zero = {{0}};
    fr_sub(result, &zero, a);
}

void wl_fr_butterflies(wl_fr *values, size_t total, size_t half, const wl_fr *twiddles, size_t stride) {
    for (size_t block = 0; block < total; block += 2 * half) {
        for (size_t i = 0; i < half; i++) {
            wl_fr *a = &values[block + i], *b = &values[block + half + i], turned;
            fr_mul(&turned, b, &twiddles[i * stride]);
            fr_sub(b, a, &turned);
            fr_add(a, a, &turned);
        }
    }
}

// Bit by bit, because a division instruction may take longer for some operands.
static uint64_t divide(uint64_t *quotient, int limbs) {
    const uint64_t divisor = 0xd201000000010000;
    uint64_t remainder = 0;
    for (int i = limbs - 1; i >= 0; i--) {
        uint64_t limb = quotient[i];
        for (int bit = 0; bit < 64; bit++) {
            uint64_t carry = remainder >> 63;
            remainder = remainder << 1 | limb >> 63;
            unsigned long long borrow;
            uint64_t less = __builtin_subcll(remainder, divisor, 0, &borrow);
            uint64_t fits = carry | (borrow ^ 1);
            remainder ^= (remainder ^ less) & mask_of(fits);
            limb = limb << 1 | fits;
        }
        quotient[i] = limb;
    }
    return remainder;
}

void wl_fr_digits(uint64_t digits[4], const uint64_t integer[4]) {
    uint64_t quotient[4] = {integer[0], integer[1], integer[2], integer[3]};
    digits[0] = divide(quotient, 4);
    digits[1] = divide(quotient, 4);
    digits[2] = divide(quotient, 3);
    digits[3] = quotient[0];
}
