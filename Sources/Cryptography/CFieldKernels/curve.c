// Addition on the curves of G1, y^2 = x^3 + 4, and of G2, y^2 = x^3 + 4(1 + u), and the lines of the Miller loop.

#include "fp2.h"

#include <limits.h>

// a b + c d.
static inline void fp_mul_add_mul(wl_fp *result, const wl_fp *a, const wl_fp *b, const wl_fp *c, const wl_fp *d) {
    fp_wide first, second;
    fp_mul_wide(&first, a, b);
    fp_mul_wide(&second, c, d);
    limbs_add(first.limb, first.limb, second.limb, 2 * LIMBS);
    fp_reduce(result, &first);
}

// a b - c d.
static inline void fp_mul_sub_mul(wl_fp *result, const wl_fp *a, const wl_fp *b, const wl_fp *c, const wl_fp *d) {
    fp_wide first, second;
    fp_mul_wide(&first, a, b);
    fp_mul_wide(&second, c, d);
    wide_sub(&first, &first, &second);
    fp_reduce(result, &first);
}

// Times 12.
static inline void fp_mul_3b(wl_fp *result, const wl_fp *a) {
    wl_fp triple;
    fp_add(&triple, a, a);
    fp_add(&triple, &triple, a);
    fp_add(&triple, &triple, &triple);
    fp_add(result, &triple, &triple);
}

static inline void fp2_mul_add_mul(
    wl_fp2 *result, const wl_fp2 *a, const wl_fp2 *b, const wl_fp2 *c, const wl_fp2 *d
) {
    fp2_wide first, second;
    fp2_mul_wide(&first, a, b);
    fp2_mul_wide(&second, c, d);
    wide2_add(&first, &first, &second);
    fp2_reduce(result, &first);
}

static inline void fp2_mul_sub_mul(
    wl_fp2 *result, const wl_fp2 *a, const wl_fp2 *b, const wl_fp2 *c, const wl_fp2 *d
) {
    fp2_wide first, second;
    fp2_mul_wide(&first, a, b);
    fp2_mul_wide(&second, c, d);
    wide2_sub(&first, &first, &second);
    fp2_reduce(result, &first);
}

// Times 12 (1 + u).
static inline void fp2_mul_3b(wl_fp2 *result, const wl_fp2 *a) {
    wl_fp2 shifted;
    fp2_mul_xi(&shifted, a);
    fp_mul_3b(&result->c0, &shifted.c0);
    fp_mul_3b(&result->c1, &shifted.c1);
}

static const wl_fp fp_one = FP_ONE;

static void fp_inv(wl_fp *result, const wl_fp *a) { wl_fp_inv(result, a); }

#define POINT wl_g1
#define AFFINE wl_g1_affine
#define ELEMENT wl_fp
#define FIELD(operation) fp_##operation
#define GROUP(operation) wl_g1_##operation
// Squaring in Fp is no cheaper than multiplying.
#define JACOBIAN_COUNT_MIN INT_MAX
#include "point_formulas.h"
#include "bucket_sums.h"
#undef POINT
#undef AFFINE
#undef ELEMENT
#undef FIELD
#undef GROUP
#undef JACOBIAN_COUNT_MIN

#define POINT wl_g2
#define AFFINE wl_g2_affine
#define ELEMENT wl_fp2
#define FIELD(operation) fp2_##operation
#define GROUP(operation) wl_g2_##operation
#define JACOBIAN_COUNT_MIN 4
#include "point_formulas.h"
#include "bucket_sums.h"

static inline void fp_halve(wl_fp *value) {
    uint64_t odd = mask_of(value->limb[0] & 1), correction[LIMBS];
    for (int i = 0; i < LIMBS; i++) {
        correction[i] = wl_fp_prime[i] & odd;
    }
    limbs_add(value->limb, value->limb, correction, LIMBS);
    for (int i = 0; i < LIMBS - 1; i++) {
        value->limb[i] = value->limb[i] >> 1 | value->limb[i + 1] << 63;
    }
    value->limb[LIMBS - 1] >>= 1;
}

static inline void fp2_halve(wl_fp2 *value) {
    fp_halve(&value->c0);
    fp_halve(&value->c1);
}

// Aranha, Karabina, Longa, Gebotys and Lopez, "Faster explicit formulas for computing pairings over ordinary curves"
// (2011), on the twist that multiplies by w^2 and w^3.
void wl_line_double(wl_line *line, wl_g2 *point) {
    wl_fp2 xy, yy, zz, b3, tripled, sum, h, squared;
    fp2_mul(&xy, &point->x, &point->y);
    fp2_halve(&xy);
    fp2_sqr(&yy, &point->y);
    fp2_sqr(&zz, &point->z);
    fp2_mul_3b(&b3, &zz);
    fp2_add(&tripled, &b3, &b3);
    fp2_add(&tripled, &tripled, &b3);
    fp2_add(&h, &point->y, &point->z);
    fp2_sqr(&h, &h);
    fp2_add(&sum, &yy, &zz);
    fp2_sub(&h, &h, &sum);
    fp2_sub(&line->constant, &b3, &yy);
    fp2_sqr(&squared, &point->x);
    fp2_add(&line->x, &squared, &squared);
    fp2_add(&line->x, &line->x, &squared);
    fp2_neg(&line->y, &h);
    fp2_sub(&sum, &yy, &tripled);
    fp2_mul(&point->x, &xy, &sum);
    fp2_add(&sum, &yy, &tripled);
    fp2_halve(&sum);
    fp2_sqr(&sum, &sum);
    fp2_sqr(&squared, &b3);
    fp2_sub(&sum, &sum, &squared);
    fp2_add(&squared, &squared, &squared);
    fp2_sub(&point->y, &sum, &squared);
    fp2_mul(&point->z, &yy, &h);
}

void wl_line_add(wl_line *line, wl_g2 *point, const wl_g2_affine *other) {
    wl_fp2 theta, lambda, c, e, f, g, h;
    fp2_mul(&theta, &other->y, &point->z);
    fp2_sub(&theta, &point->y, &theta);
    fp2_mul(&lambda, &other->x, &point->z);
    fp2_sub(&lambda, &point->x, &lambda);
    fp2_mul_sub_mul(&line->constant, &theta, &other->x, &lambda, &other->y);
    fp2_neg(&line->x, &theta);
    line->y = lambda;
    fp2_sqr(&c, &theta);
    fp2_sqr(&g, &lambda);
    fp2_mul(&e, &lambda, &g);
    fp2_mul(&f, &point->z, &c);
    fp2_mul(&g, &point->x, &g);
    fp2_add(&h, &e, &f);
    fp2_sub(&h, &h, &g);
    fp2_sub(&h, &h, &g);
    fp2_mul(&point->x, &lambda, &h);
    fp2_sub(&g, &g, &h);
    fp2_mul_sub_mul(&point->y, &theta, &g, &e, &point->y);
    fp2_mul(&point->z, &point->z, &e);
}
