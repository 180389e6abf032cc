// The cyclotomic subgroup of Fp12, the elements whose power to p^4 - p^2 + 1 is one. As 1, w, ... w^5 have the
// coefficients z0, z2, z4, z1, z3, z5 here, squaring falls into three squarings in Fp2[y] / (y^2 - (1 + u)).

#include "fp2.h"

// (a + b y)^2 with y^2 = 1 + u.
static inline void fp4_sqr(wl_fp2 *first, wl_fp2 *second, const wl_fp2 *a, const wl_fp2 *b) {
    fp2_wide square_a, square_b, mixed, shifted;
    wl_fp2 sum;
    fp2_sqr_wide(&square_a, a);
    fp2_sqr_wide(&square_b, b);
    fp2_add(&sum, a, b);
    fp2_sqr_wide(&mixed, &sum);
    wide2_sub(&mixed, &mixed, &square_a);
    wide2_sub(&mixed, &mixed, &square_b);
    wide2_mul_xi(&shifted, &square_b);
    wide2_add(&shifted, &shifted, &square_a);
    fp2_reduce(first, &shifted);
    fp2_reduce(second, &mixed);
}

// 3 square - 2 value.
static inline void triple_less(wl_fp2 *value, const wl_fp2 *square) {
    wl_fp2 difference;
    fp2_sub(&difference, square, value);
    fp2_add(&difference, &difference, &difference);
    fp2_add(value, &difference, square);
}

// 3 square + 2 value.
static inline void triple_more(wl_fp2 *value, const wl_fp2 *square) {
    wl_fp2 sum;
    fp2_add(&sum, square, value);
    fp2_add(&sum, &sum, &sum);
    fp2_add(value, &sum, square);
}

// Granger and Scott, "Faster squaring in the cyclotomic subgroup of sixth degree extensions" (2010).
void wl_fp12_cyclotomic_sqr(wl_fp12 *result, const wl_fp12 *a, int count) {
    *result = *a;
    for (int i = 0; i < count; i++) {
        wl_fp2 first0, second0, first1, second1, first2, second2;
        fp4_sqr(&first0, &second0, &result->c0.c0, &result->c1.c1);
        fp4_sqr(&first1, &second1, &result->c1.c0, &result->c0.c2);
        fp4_sqr(&first2, &second2, &result->c0.c1, &result->c1.c2);
        fp2_mul_xi(&second2, &second2);
        triple_less(&result->c0.c0, &first0);
        triple_less(&result->c0.c1, &first1);
        triple_less(&result->c0.c2, &first2);
        triple_more(&result->c1.c0, &second2);
        triple_more(&result->c1.c1, &second0);
        triple_more(&result->c1.c2, &second1);
    }
}

// z2 to z5, which squarings map to themselves, and which determine z0 and z1.
typedef struct {
    wl_fp2 z2, z3, z4, z5;
} compressed;

static void compress(compressed *result, const wl_fp12 *a) {
    *result = (compressed){a->c1.c0, a->c0.c2, a->c0.c1, a->c1.c2};
}

// Karabina, "Squaring in cyclotomic subgroups" (2013).
static void compressed_sqr(compressed *a, int count) {
    for (int i = 0; i < count; i++) {
        wl_fp2 first1, second1, first2, second2;
        fp4_sqr(&first1, &second1, &a->z2, &a->z3);
        fp4_sqr(&first2, &second2, &a->z4, &a->z5);
        fp2_mul_xi(&second2, &second2);
        triple_less(&a->z4, &first1);
        triple_more(&a->z5, &second1);
        triple_more(&a->z2, &second2);
        triple_less(&a->z3, &first2);
    }
}

// z1 as a fraction: (xi z5^2 + 3 z4^2 - 2 z3) / (4 z2), or 2 z4 z5 / z3 where z2 is zero, or 0 / 1 for the element one.
static void second_coefficient(wl_fp2 *numerator, wl_fp2 *denominator, const compressed *a) {
    wl_fp2 square;
    if (!fp2_is_zero(&a->z2)) {
        fp2_sqr(numerator, &a->z5);
        fp2_mul_xi(numerator, numerator);
        fp2_sqr(&square, &a->z4);
        fp2_sub(denominator, &square, &a->z3);
        fp2_add(denominator, denominator, denominator);
        fp2_add(&square, &square, denominator);
        fp2_add(numerator, numerator, &square);
        fp2_add(denominator, &a->z2, &a->z2);
        fp2_add(denominator, denominator, denominator);
        return;
    }
    fp2_mul(numerator, &a->z4, &a->z5);
    fp2_add(numerator, numerator, numerator);
    *denominator = fp2_is_zero(&a->z3) ? fp2_one : a->z3;
}

// xi (2 z1^2 + z2 z5 - 3 z3 z4) + 1.
static void first_coefficient(wl_fp2 *result, const compressed *a, const wl_fp2 *z1) {
    wl_fp2 product;
    fp2_sqr(result, z1);
    fp2_mul(&product, &a->z3, &a->z4);
    fp2_sub(result, result, &product);
    fp2_add(result, result, result);
    fp2_sub(result, result, &product);
    fp2_mul(&product, &a->z2, &a->z5);
    fp2_add(result, result, &product);
    fp2_mul_xi(result, result);
    fp2_add(result, result, &fp2_one);
}

enum { kept = 3 };

// Decompresses with one inversion.
static void decompress(wl_fp12 *results, const compressed *elements) {
    wl_fp2 numerators[kept], denominators[kept], products[kept], inverse, z1;
    for (int i = 0; i < kept; i++) {
        second_coefficient(&numerators[i], &denominators[i], &elements[i]);
        fp2_mul(&products[i], i == 0 ? &fp2_one : &products[i - 1], &denominators[i]);
    }
    fp2_inv(&inverse, &products[kept - 1]);
    for (int i = kept - 1; i >= 0; i--) {
        const compressed *element = &elements[i];
        fp2_mul(&z1, &inverse, i == 0 ? &fp2_one : &products[i - 1]);
        fp2_mul(&z1, &z1, &numerators[i]);
        fp2_mul(&inverse, &inverse, &denominators[i]);
        first_coefficient(&results[i].c0.c0, element, &z1);
        results[i].c0.c1 = element->z4;
        results[i].c0.c2 = element->z3;
        results[i].c1.c0 = element->z2;
        results[i].c1.c1 = z1;
        results[i].c1.c2 = element->z5;
    }
}

// The exponent has the bits 16, 48, 57, 60, 62 and 63. Between the last ones, decompressing costs more than it saves.
void wl_fp12_parameter_power(wl_fp12 *result, const wl_fp12 *a) {
    compressed elements[kept];
    wl_fp12 powers[kept], product;
    compress(&elements[0], a);
    compressed_sqr(&elements[0], 16);
    elements[1] = elements[0];
    compressed_sqr(&elements[1], 48 - 16);
    elements[2] = elements[1];
    compressed_sqr(&elements[2], 57 - 48);
    decompress(powers, elements);
    wl_fp12_mul(&product, &powers[0], &powers[1]);
    wl_fp12_mul(&product, &product, &powers[2]);
    for (int i = 0; i < 3; i++) {
        static const int squarings[] = {60 - 57, 62 - 60, 63 - 62};
        wl_fp12_cyclotomic_sqr(&powers[2], &powers[2], squarings[i]);
        wl_fp12_mul(&product, &product, &powers[2]);
    }
    *result = product;
}
