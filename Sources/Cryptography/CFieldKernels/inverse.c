// Inversion in time that is independent of the operand: Bernstein and Yang, "Fast constant-time gcd computation and
// modular inversion" (2019), with the starting delta 1/2, sixty-two division steps at a time.
//
// Integers are signed here, in limbs of 62 bits of which only the last may be negative.

#include "CFieldKernels.h"
#include "mask.h"

typedef __int128 int128;

enum { limbs_max = 7, steps = 62 };

static const uint64_t limb_mask = UINT64_MAX >> 2;

typedef struct {
    int64_t limb[limbs_max];
} signed62;

// What `steps` division steps do to the pair (f, g), times 2^62.
typedef struct {
    int64_t ff, fg, gf, gg;
} transition;

typedef struct {
    signed62 value;
    // 1/value modulo 2^62.
    uint64_t inverse;
    int limbs;
    // Enough batches for any operand: 879 steps for 381 bits, 589 for 255.
    int batches;
} modulus;

static const modulus prime = {
    {{0x39feffffffffaaab, 0x3aaffffac54ffffe, 0x330d2a0f6b0f6241, 0x1dd2e13ce144afd9, 0x1ba7b6434bacd764,
      0x0447a8e5ff9a692c, 0x1a0}},
    0x360c000300030003, 7, 15,
};

static const modulus order = {
    {{0x3fffffff00000001, 0x0ef6900bfff96ffb, 0x339d80809a1d8055, 0x3b69d4ca675f520c, 0x73, 0, 0}},
    0x100000001, 5, 10,
};

// `zeta` is -(delta + 1/2). Only the low bits of f and g matter.
static int64_t divide(int64_t zeta, uint64_t f, uint64_t g, transition *result) {
    uint64_t ff = 1, fg = 0, gf = 0, gg = 1;
    for (int i = 0; i < steps; i++) {
        uint64_t swap = mask_of((uint64_t)zeta >> 63), odd = mask_of(g & 1);
        g += ((f ^ swap) - swap) & odd;
        gf += ((ff ^ swap) - swap) & odd;
        gg += ((fg ^ swap) - swap) & odd;
        swap &= odd;
        zeta = (zeta ^ (int64_t)swap) - 1;
        f += g & swap;
        ff += gf & swap;
        fg += gg & swap;
        g >>= 1;
        ff <<= 1;
        fg <<= 1;
    }
    *result = (transition){(int64_t)ff, (int64_t)fg, (int64_t)gf, (int64_t)gg};
    return zeta;
}

// (f, g) becomes the transition of it, divided by 2^62: exact.
static inline void update_pair(signed62 *f, signed62 *g, const transition *t, int limbs) {
    int128 next_f = 0, next_g = 0;
    for (int i = 0; i < limbs; i++) {
        int64_t fi = f->limb[i], gi = g->limb[i];
        next_f += (int128)t->ff * fi + (int128)t->fg * gi;
        next_g += (int128)t->gf * fi + (int128)t->gg * gi;
        if (i > 0) {
            f->limb[i - 1] = (int64_t)((uint64_t)next_f & limb_mask);
            g->limb[i - 1] = (int64_t)((uint64_t)next_g & limb_mask);
        }
        next_f >>= 62;
        next_g >>= 62;
    }
    f->limb[limbs - 1] = (int64_t)next_f;
    g->limb[limbs - 1] = (int64_t)next_g;
}

// The same modulo m, where multiples of m make the division exact and keep d and e between -2m and m.
static inline void update_coefficients(signed62 *d, signed62 *e, const transition *t, const modulus *m) {
    int last = m->limbs - 1;
    int64_t sign_d = (int64_t)mask_of((uint64_t)d->limb[last] >> 63);
    int64_t sign_e = (int64_t)mask_of((uint64_t)e->limb[last] >> 63);
    int64_t times_d = (t->ff & sign_d) + (t->fg & sign_e);
    int64_t times_e = (t->gf & sign_d) + (t->gg & sign_e);
    int128 next_d = 0, next_e = 0;
    for (int i = 0; i <= last; i++) {
        int64_t di = d->limb[i], ei = e->limb[i];
        next_d += (int128)t->ff * di + (int128)t->fg * ei;
        next_e += (int128)t->gf * di + (int128)t->gg * ei;
        if (i == 0) {
            times_d -= (int64_t)((m->inverse * (uint64_t)next_d + (uint64_t)times_d) & limb_mask);
            times_e -= (int64_t)((m->inverse * (uint64_t)next_e + (uint64_t)times_e) & limb_mask);
        }
        next_d += (int128)m->value.limb[i] * times_d;
        next_e += (int128)m->value.limb[i] * times_e;
        if (i > 0) {
            d->limb[i - 1] = (int64_t)((uint64_t)next_d & limb_mask);
            e->limb[i - 1] = (int64_t)((uint64_t)next_e & limb_mask);
        }
        next_d >>= 62;
        next_e >>= 62;
    }
    d->limb[last] = (int64_t)next_d;
    e->limb[last] = (int64_t)next_e;
}

// Adds m where `value` is negative, after a change of sign where `negate` is -1.
static inline void normalize(signed62 *value, int64_t negate, const modulus *m) {
    for (int round = 0; round < 2; round++) {
        int64_t add = (int64_t)mask_of((uint64_t)value->limb[m->limbs - 1] >> 63), carry = 0;
        int64_t sign = round == 0 ? negate : 0;
        for (int i = 0; i < m->limbs; i++) {
            int64_t limb = value->limb[i] + (m->value.limb[i] & add);
            carry += (limb ^ sign) - sign;
            value->limb[i] = i < m->limbs - 1 ? (int64_t)((uint64_t)carry & limb_mask) : carry;
            carry >>= 62;
        }
    }
}

static void split(signed62 *result, const uint64_t *words, int count, int limbs) {
    for (int i = 0; i < limbs; i++) {
        int word = 62 * i / 64, shift = 62 * i % 64;
        uint64_t limb = word < count ? words[word] >> shift : 0;
        if (shift > 2 && word + 1 < count) {
            limb |= words[word + 1] << (64 - shift);
        }
        result->limb[i] = (int64_t)(limb & limb_mask);
    }
}

static void join(uint64_t *words, const signed62 *value, int count) {
    for (int i = 0; i < count; i++) {
        int limb = 64 * i / 62, shift = 64 * i % 62;
        words[i] = (uint64_t)value->limb[limb] >> shift | (uint64_t)value->limb[limb + 1] << (62 - shift);
        if (shift > 60) {
            words[i] |= (uint64_t)value->limb[limb + 2] << (124 - shift);
        }
    }
}

static inline void invert(uint64_t *words, int count, const modulus *m) {
    signed62 f = m->value, g, d = {{0}}, e = {{1}};
    transition t;
    int64_t zeta = -1;
    split(&g, words, count, m->limbs);
    for (int i = 0; i < m->batches; i++) {
        zeta = divide(zeta, (uint64_t)f.limb[0] | (uint64_t)f.limb[1] << 62,
                      (uint64_t)g.limb[0] | (uint64_t)g.limb[1] << 62, &t);
        update_coefficients(&d, &e, &t, m);
        update_pair(&f, &g, &t, m->limbs);
    }
    // g is 0 and f is 1 or -1, or the modulus or its negative where the operand was 0: then d is 0.
    normalize(&d, f.limb[m->limbs - 1] >> 63, m);
    join(words, &d, count);
}

void wl_fp_inv(wl_fp *result, const wl_fp *a) {
    // 2^1152: takes the inverse of a 2^384 to a^-1 2^384.
    static const wl_fp cube = {{
        0xed48ac6bd94ca1e0, 0x315f831e03a7adf8, 0x9a53352a615e29dd,
        0x34c04e5e921e1761, 0x2512d43565724728, 0x0aa6346091755d4d,
    }};
    wl_fp inverse = *a;
    invert(inverse.limb, 6, &prime);
    wl_fp_mul(result, &inverse, &cube);
}

void wl_fr_inv(wl_fr *result, const wl_fr *a) {
    // 2^768: takes the inverse of a 2^256 to a^-1 2^256.
    static const wl_fr cube = {{
        0xc62c1807439b73af, 0x1b3e0d188cf06990, 0x73d13c71c7b5f418, 0x6e2a5bb9c8db33e9,
    }};
    wl_fr inverse = *a;
    invert(inverse.limb, 4, &order);
    wl_fr_mul(result, &inverse, &cube);
}
