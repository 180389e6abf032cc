// Fp6 = Fp2[v] / (v^3 - (1 + u)) and Fp12 = Fp6[w] / (w^2 - v). Coefficients are summed as double-width products and
// reduced once each.

#include "fp2.h"

typedef struct {
    fp2_wide c0, c1, c2;
} fp6_wide;

static inline void fp6_add(wl_fp6 *result, const wl_fp6 *a, const wl_fp6 *b) {
    fp2_add(&result->c0, &a->c0, &b->c0);
    fp2_add(&result->c1, &a->c1, &b->c1);
    fp2_add(&result->c2, &a->c2, &b->c2);
}

// Times v. The result must not be the operand.
static inline void fp6_mul_v(wl_fp6 *result, const wl_fp6 *a) {
    fp2_mul_xi(&result->c0, &a->c2);
    result->c1 = a->c0;
    result->c2 = a->c1;
}

static inline void fp6_reduce(wl_fp6 *result, const fp6_wide *wide) {
    fp2_reduce(&result->c0, &wide->c0);
    fp2_reduce(&result->c1, &wide->c1);
    fp2_reduce(&result->c2, &wide->c2);
}

static inline void wide6_sub(fp6_wide *result, const fp6_wide *a, const fp6_wide *b) {
    wide2_sub(&result->c0, &a->c0, &b->c0);
    wide2_sub(&result->c1, &a->c1, &b->c1);
    wide2_sub(&result->c2, &a->c2, &b->c2);
}

// a + v b. The result must not be b.
static inline void wide6_add_mul_v(fp6_wide *result, const fp6_wide *a, const fp6_wide *b) {
    fp2_wide shifted;
    wide2_mul_xi(&shifted, &b->c2);
    wide2_add(&result->c0, &a->c0, &shifted);
    wide2_add(&result->c1, &a->c1, &b->c0);
    wide2_add(&result->c2, &a->c2, &b->c1);
}

// (a0 + a1)(b0 + b1) - product0 - product1.
static void cross_products(
    fp2_wide *result, const wl_fp2 *a0, const wl_fp2 *a1, const wl_fp2 *b0, const wl_fp2 *b1,
    const fp2_wide *product0, const fp2_wide *product1
) {
    wl_fp2 sum_a, sum_b;
    fp2_add(&sum_a, a0, a1);
    fp2_add(&sum_b, b0, b1);
    fp2_mul_wide(result, &sum_a, &sum_b);
    wide2_sub(result, result, product0);
    wide2_sub(result, result, product1);
}

static void fp6_mul_wide(fp6_wide *result, const wl_fp6 *a, const wl_fp6 *b) {
    fp2_wide product0, product1, product2, crossed, shifted;
    fp2_mul_wide(&product0, &a->c0, &b->c0);
    fp2_mul_wide(&product1, &a->c1, &b->c1);
    fp2_mul_wide(&product2, &a->c2, &b->c2);
    cross_products(&crossed, &a->c1, &a->c2, &b->c1, &b->c2, &product1, &product2);
    wide2_mul_xi(&shifted, &crossed);
    wide2_add(&result->c0, &product0, &shifted);
    cross_products(&crossed, &a->c0, &a->c1, &b->c0, &b->c1, &product0, &product1);
    wide2_mul_xi(&shifted, &product2);
    wide2_add(&result->c1, &crossed, &shifted);
    cross_products(&crossed, &a->c0, &a->c2, &b->c0, &b->c2, &product0, &product2);
    wide2_add(&result->c2, &crossed, &product1);
}

// a * (b0 + b1 v).
static void fp6_mul_01_wide(fp6_wide *result, const wl_fp6 *a, const wl_fp2 *b0, const wl_fp2 *b1) {
    fp2_wide product0, product1, last, shifted;
    fp2_mul_wide(&product0, &a->c0, b0);
    fp2_mul_wide(&product1, &a->c1, b1);
    fp2_mul_wide(&last, &a->c2, b1);
    wide2_mul_xi(&shifted, &last);
    wide2_add(&result->c0, &product0, &shifted);
    cross_products(&result->c1, &a->c0, &a->c1, b0, b1, &product0, &product1);
    fp2_mul_wide(&last, &a->c2, b0);
    wide2_add(&result->c2, &last, &product1);
}

// a * b1 v.
static void fp6_mul_1_wide(fp6_wide *result, const wl_fp6 *a, const wl_fp2 *b1) {
    fp2_wide last;
    fp2_mul_wide(&last, &a->c2, b1);
    wide2_mul_xi(&result->c0, &last);
    fp2_mul_wide(&result->c1, &a->c0, b1);
    fp2_mul_wide(&result->c2, &a->c1, b1);
}

void wl_fp6_mul(wl_fp6 *result, const wl_fp6 *a, const wl_fp6 *b) {
    fp6_wide product;
    fp6_mul_wide(&product, a, b);
    fp6_reduce(result, &product);
}

// Writes low + v high, and crossed - low - high.
static void fp12_assemble(wl_fp12 *result, const fp6_wide *low, const fp6_wide *high, fp6_wide *crossed) {
    fp6_wide first;
    wide6_sub(crossed, crossed, low);
    wide6_sub(crossed, crossed, high);
    wide6_add_mul_v(&first, low, high);
    fp6_reduce(&result->c0, &first);
    fp6_reduce(&result->c1, crossed);
}

void wl_fp12_mul(wl_fp12 *result, const wl_fp12 *a, const wl_fp12 *b) {
    fp6_wide low, high, crossed;
    wl_fp6 sum_a, sum_b;
    fp6_mul_wide(&low, &a->c0, &b->c0);
    fp6_mul_wide(&high, &a->c1, &b->c1);
    fp6_add(&sum_a, &a->c0, &a->c1);
    fp6_add(&sum_b, &b->c0, &b->c1);
    fp6_mul_wide(&crossed, &sum_a, &sum_b);
    fp12_assemble(result, &low, &high, &crossed);
}

// With t = a0 a1: (a0 + a1)(a0 + v a1) - t - v t, and 2 t.
void wl_fp12_sqr(wl_fp12 *result, const wl_fp12 *a) {
    wl_fp6 sum, shifted, half;
    fp6_wide product;
    fp6_add(&sum, &a->c0, &a->c1);
    fp6_mul_v(&shifted, &a->c1);
    fp6_add(&shifted, &shifted, &a->c0);
    wl_fp6_mul(&half, &a->c0, &a->c1);
    fp6_mul_wide(&product, &sum, &shifted);
    fp6_reduce(&result->c0, &product);
    fp6_mul_v(&shifted, &half);
    fp6_add(&shifted, &shifted, &half);
    fp2_sub(&result->c0.c0, &result->c0.c0, &shifted.c0);
    fp2_sub(&result->c0.c1, &result->c0.c1, &shifted.c1);
    fp2_sub(&result->c0.c2, &result->c0.c2, &shifted.c2);
    fp6_add(&result->c1, &half, &half);
}

void wl_fp12_mul_line(wl_fp12 *result, const wl_fp12 *a, const wl_line *line, const wl_fp *x, const wl_fp *y) {
    fp6_wide low, high, crossed;
    wl_fp6 sum_a;
    wl_fp2 at_x, at_y, both;
    fp2_mul_fp(&at_x, &line->x, x);
    fp2_mul_fp(&at_y, &line->y, y);
    fp2_add(&both, &at_x, &at_y);
    fp6_add(&sum_a, &a->c0, &a->c1);
    fp6_mul_01_wide(&low, &a->c0, &line->constant, &at_x);
    fp6_mul_1_wide(&high, &a->c1, &at_y);
    fp6_mul_01_wide(&crossed, &sum_a, &line->constant, &both);
    fp12_assemble(result, &low, &high, &crossed);
}
