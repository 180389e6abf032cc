// Kernels of BLS12-381: base field, tower, steps of the curve and of the pairing, scalar field.
//
// Every function is branch-free in its operands unless it says otherwise; results may be written over operands.
// Elements are in Montgomery form (times 2^384 modulo p, 2^256 modulo r), least significant limb first, and below
// the modulus. The module FiniteFields gives them Swift types: nothing else calls this.

#ifndef C_FIELD_KERNELS_H
#define C_FIELD_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

// Element of Fp.
typedef struct {
    uint64_t limb[6];
} wl_fp;

// c0 + c1 u with u^2 = -1.
typedef struct {
    wl_fp c0, c1;
} wl_fp2;

// c0 + c1 v + c2 v^2 with v^3 = 1 + u.
typedef struct {
    wl_fp2 c0, c1, c2;
} wl_fp6;

// c0 + c1 w with w^2 = v.
typedef struct {
    wl_fp6 c0, c1;
} wl_fp12;

// Element of Fr.
typedef struct {
    uint64_t limb[4];
} wl_fr;

// Point of G1's curve, X/Z and Y/Z; the identity is 0, 1, 0.
typedef struct {
    wl_fp x, y, z;
} wl_g1;

// Point other than the identity.
typedef struct {
    wl_fp x, y;
} wl_g1_affine;

// Point of G2's curve, X/Z and Y/Z; the identity is 0, 1, 0.
typedef struct {
    wl_fp2 x, y, z;
} wl_g2;

// Point other than the identity.
typedef struct {
    wl_fp2 x, y;
} wl_g2_affine;

// Line through points of G2, without the point of G1 it is evaluated at: constant + x v + y v w.
typedef struct {
    wl_fp2 constant, x, y;
} wl_line;

// Chooses the assembly kernels where the processor has them; 0 chooses portable C. For tests and measurements:
// threads that compute at that moment may use either. Returns whether assembly is in use.
int wl_field_use_assembly(int wanted);

void wl_fp_add(wl_fp *result, const wl_fp *a, const wl_fp *b);
void wl_fp_sub(wl_fp *result, const wl_fp *a, const wl_fp *b);
void wl_fp_neg(wl_fp *result, const wl_fp *a);
void wl_fp_mul(wl_fp *result, const wl_fp *a, const wl_fp *b);
void wl_fp_sqr(wl_fp *result, const wl_fp *a);
// `count` squarings.
void wl_fp_sqr_times(wl_fp *result, const wl_fp *a, int count);
// Power by six limbs; the time depends on the exponent, which must be public.
void wl_fp_pow(wl_fp *result, const wl_fp *base, const uint64_t *exponent);
// Inverse, 0 of 0. Time independent of the operand.
void wl_fp_inv(wl_fp *result, const wl_fp *a);

void wl_fp2_add(wl_fp2 *result, const wl_fp2 *a, const wl_fp2 *b);
void wl_fp2_sub(wl_fp2 *result, const wl_fp2 *a, const wl_fp2 *b);
void wl_fp2_neg(wl_fp2 *result, const wl_fp2 *a);
void wl_fp2_mul(wl_fp2 *result, const wl_fp2 *a, const wl_fp2 *b);
void wl_fp2_sqr(wl_fp2 *result, const wl_fp2 *a);
void wl_fp2_mul_fp(wl_fp2 *result, const wl_fp2 *a, const wl_fp *b);
// Times 1 + u.
void wl_fp2_mul_xi(wl_fp2 *result, const wl_fp2 *a);

void wl_fp6_mul(wl_fp6 *result, const wl_fp6 *a, const wl_fp6 *b);

void wl_fp12_mul(wl_fp12 *result, const wl_fp12 *a, const wl_fp12 *b);
void wl_fp12_sqr(wl_fp12 *result, const wl_fp12 *a);
// `count` squarings of an element whose power to p^4 - p^2 + 1 is one.
void wl_fp12_cyclotomic_sqr(wl_fp12 *result, const wl_fp12 *a, int count);
// Power to 0xd201000000010000 of such an element. Branches on coefficients that are zero, as only the element one has
// them but by chance.
void wl_fp12_parameter_power(wl_fp12 *result, const wl_fp12 *a);
// Times the line's value at the point (x, y) of G1.
void wl_fp12_mul_line(wl_fp12 *result, const wl_fp12 *a, const wl_line *line, const wl_fp *x, const wl_fp *y);

// Complete: any operands, the identity and equal ones included.
void wl_g1_add(wl_g1 *result, const wl_g1 *a, const wl_g1 *b);
void wl_g1_add_affine(wl_g1 *result, const wl_g1 *a, const wl_g1_affine *b);
void wl_g1_double(wl_g1 *result, const wl_g1 *a, int count);
void wl_g2_add(wl_g2 *result, const wl_g2 *a, const wl_g2 *b);
void wl_g2_add_affine(wl_g2 *result, const wl_g2 *a, const wl_g2_affine *b);
void wl_g2_double(wl_g2 *result, const wl_g2 *a, int count);

// Sums of lists of points that lie one after the other, of `lengths` points each. Afterwards every list has one point
// or none, and they still lie one after the other; (0, 0) stands for the identity. `spare` has room for as many points,
// `scratch` for as many elements. Time depends on the points.
void wl_g1_sum_lists(wl_g1_affine *points, wl_g1_affine *spare, wl_fp *scratch, uint32_t *lengths, size_t lists);
void wl_g2_sum_lists(wl_g2_affine *points, wl_g2_affine *spare, wl_fp2 *scratch, uint32_t *lengths, size_t lists);

// The tangent at `point`, which is doubled.
void wl_line_double(wl_line *line, wl_g2 *point);
// The line through `point` and `other`, which is added to it.
void wl_line_add(wl_line *line, wl_g2 *point, const wl_g2_affine *other);

void wl_fr_add(wl_fr *result, const wl_fr *a, const wl_fr *b);
void wl_fr_sub(wl_fr *result, const wl_fr *a, const wl_fr *b);
void wl_fr_neg(wl_fr *result, const wl_fr *a);
void wl_fr_mul(wl_fr *result, const wl_fr *a, const wl_fr *b);
// Inverse, 0 of 0. Time independent of the operand.
void wl_fr_inv(wl_fr *result, const wl_fr *a);
// One layer of a transform in place: pairs (a, b) at distance `half` become (a + w b, a - w b), where w is
// twiddles[position in the block * stride].
void wl_fr_butterflies(wl_fr *values, size_t count, size_t half, const wl_fr *twiddles, size_t stride);
// Four digits, least significant first, of an integer below r (not in Montgomery form) to the base
// 0xd201000000010000, the absolute value of the curve's parameter.
void wl_fr_digits(uint64_t digits[_Nonnull 4], const uint64_t integer[_Nonnull 4]);

// Copies entry `index` - 1 of a table of `count` entries of `words` words; leaves the result alone where index is 0.
// Reads the whole table, so that time and addresses are independent of the index.
void wl_select(uint64_t *result, const uint64_t *table, size_t words, size_t count, uint64_t index);

#pragma clang assume_nonnull end

#endif
