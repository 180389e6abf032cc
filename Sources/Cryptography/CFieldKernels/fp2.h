// Fp2 = Fp[u] / (u^2 + 1) for the kernels of this target. Products are summed before they are reduced.

#ifndef WL_FP2_H
#define WL_FP2_H

#include "fp.h"

static const wl_fp2 fp2_one = {FP_ONE, {{0}}};

static inline uint64_t fp2_is_zero(const wl_fp2 *a) { return fp_is_zero(&a->c0) & fp_is_zero(&a->c1); }

static inline void fp2_add(wl_fp2 *result, const wl_fp2 *a, const wl_fp2 *b) {
    fp_add(&result->c0, &a->c0, &b->c0);
    fp_add(&result->c1, &a->c1, &b->c1);
}

static inline void fp2_sub(wl_fp2 *result, const wl_fp2 *a, const wl_fp2 *b) {
    fp_sub(&result->c0, &a->c0, &b->c0);
    fp_sub(&result->c1, &a->c1, &b->c1);
}

static inline void fp2_neg(wl_fp2 *result, const wl_fp2 *a) {
    fp_neg(&result->c0, &a->c0);
    fp_neg(&result->c1, &a->c1);
}

// Times 1 + u.
static inline void fp2_mul_xi(wl_fp2 *result, const wl_fp2 *a) {
    wl_fp sum;
    fp_add(&sum, &a->c0, &a->c1);
    fp_sub(&result->c0, &a->c0, &a->c1);
    result->c1 = sum;
}

static inline void fp2_mul_fp(wl_fp2 *result, const wl_fp2 *a, const wl_fp *b) {
    fp_mul(&result->c0, &a->c0, b);
    fp_mul(&result->c1, &a->c1, b);
}

// Karatsuba: both parts stay below p * 2^384.
static inline void fp2_mul_wide(fp2_wide *result, const wl_fp2 *a, const wl_fp2 *b) {
#if WL_HAVE_ASSEMBLY
    if (__builtin_expect(wl_fp_has_adx, 1)) {
        wl_fp2_mul_wide_adx(result->c0.limb, a->c0.limb, b->c0.limb);
        return;
    }
#endif
    fp_wide low, high;
    wl_fp sum_a, sum_b;
    fp_mul_wide(&low, &a->c0, &b->c0);
    fp_mul_wide(&high, &a->c1, &b->c1);
    fp_add_lazy(&sum_a, &a->c0, &a->c1);
    fp_add_lazy(&sum_b, &b->c0, &b->c1);
    fp_mul_wide(&result->c1, &sum_a, &sum_b);
    wide_sub_lazy(&result->c1, &result->c1, &low);
    wide_sub_lazy(&result->c1, &result->c1, &high);
    wide_sub(&result->c0, &low, &high);
}

// (a0 + a1)(a0 - a1) + 2 a0 a1 u.
static inline void fp2_sqr_wide(fp2_wide *result, const wl_fp2 *a) {
    wl_fp sum, difference, twice;
    fp_add_lazy(&sum, &a->c0, &a->c1);
    fp_sub(&difference, &a->c0, &a->c1);
    fp_add_lazy(&twice, &a->c0, &a->c0);
    fp_mul_wide(&result->c0, &sum, &difference);
    fp_mul_wide(&result->c1, &twice, &a->c1);
}

static inline void fp2_reduce(wl_fp2 *result, const fp2_wide *wide) {
#if WL_HAVE_ASSEMBLY
    if (__builtin_expect(wl_fp_has_adx, 1)) {
        wl_fp2_reduce_adx(result->c0.limb, wide->c0.limb);
        return;
    }
#endif
    fp_reduce(&result->c0, &wide->c0);
    fp_reduce(&result->c1, &wide->c1);
}

static inline void fp2_mul(wl_fp2 *result, const wl_fp2 *a, const wl_fp2 *b) {
    fp2_wide product;
    fp2_mul_wide(&product, a, b);
    fp2_reduce(result, &product);
}

static inline void fp2_sqr(wl_fp2 *result, const wl_fp2 *a) {
    wl_fp sum, difference, twice;
    fp_add_lazy(&sum, &a->c0, &a->c1);
    fp_sub(&difference, &a->c0, &a->c1);
    fp_add_lazy(&twice, &a->c0, &a->c0);
    fp_mul(&result->c1, &twice, &a->c1);
    fp_mul(&result->c0, &sum, &difference);
}

static inline void fp2_inv(wl_fp2 *result, const wl_fp2 *a) {
    wl_fp norm, square;
    fp_sqr(&norm, &a->c0);
    fp_sqr(&square, &a->c1);
    fp_add(&norm, &norm, &square);
    wl_fp_inv(&norm, &norm);
    fp_mul(&result->c0, &a->c0, &norm);
    fp_neg(&norm, &norm);
    fp_mul(&result->c1, &a->c1, &norm);
}

static inline void wide2_add(fp2_wide *result, const fp2_wide *a, const fp2_wide *b) {
    wide_add(&result->c0, &a->c0, &b->c0);
    wide_add(&result->c1, &a->c1, &b->c1);
}

static inline void wide2_sub(fp2_wide *result, const fp2_wide *a, const fp2_wide *b) {
    wide_sub(&result->c0, &a->c0, &b->c0);
    wide_sub(&result->c1, &a->c1, &b->c1);
}

// Times 1 + u. The result must not be the operand.
static inline void wide2_mul_xi(fp2_wide *result, const fp2_wide *a) {
    wide_sub(&result->c0, &a->c0, &a->c1);
    wide_add(&result->c1, &a->c0, &a->c1);
}

#endif
