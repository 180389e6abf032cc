// Complete addition on y^2 = x^3 + b in projective coordinates: Renes, Costello and Batina, "Complete addition formulas
// for prime order elliptic curves" (2016), algorithms 7, 8 and 9. Groups of odd order have no exceptional case.
//
// Included once per group: POINT, AFFINE, ELEMENT, FIELD(operation) and GROUP(operation) say which, and
// JACOBIAN_COUNT_MIN from how many doublings on another form of the coordinates pays. The last products of a formula are
// summed before they are reduced.

// From here both additions go on alike. x = x1 x2, y = y1 y2, z3b = 3b z1 z2, xy = x1 y2 + x2 y1, yz = y1 z2 + y2 z1,
// xz = x1 z2 + x2 z1.
static inline void FIELD(finish_addition)(
    POINT *result, ELEMENT *x, ELEMENT *y, const ELEMENT *z3b, const ELEMENT *xy, const ELEMENT *yz, ELEMENT *xz
) {
    ELEMENT sum, difference, tripled;
    FIELD(add)(&tripled, x, x);
    FIELD(add)(&tripled, &tripled, x);
    FIELD(add)(&sum, y, z3b);
    FIELD(sub)(&difference, y, z3b);
    FIELD(mul_3b)(xz, xz);
    FIELD(mul_sub_mul)(&result->x, xy, &difference, yz, xz);
    FIELD(mul_add_mul)(&result->y, &difference, &sum, xz, &tripled);
    FIELD(mul_add_mul)(&result->z, &sum, yz, &tripled, xy);
}

// (a0 + a1)(b0 + b1) - p0 - p1.
static inline void FIELD(cross)(
    ELEMENT *result, const ELEMENT *a0, const ELEMENT *a1, const ELEMENT *b0, const ELEMENT *b1, const ELEMENT *p0,
    const ELEMENT *p1
) {
    ELEMENT sum_a, sum_b;
    FIELD(add)(&sum_a, a0, a1);
    FIELD(add)(&sum_b, b0, b1);
    FIELD(mul)(result, &sum_a, &sum_b);
    FIELD(add)(&sum_a, p0, p1);
    FIELD(sub)(result, result, &sum_a);
}

void GROUP(add)(POINT *result, const POINT *a, const POINT *b) {
    ELEMENT x, y, z, xy, yz, xz;
    FIELD(mul)(&x, &a->x, &b->x);
    FIELD(mul)(&y, &a->y, &b->y);
    FIELD(mul)(&z, &a->z, &b->z);
    FIELD(cross)(&xy, &a->x, &a->y, &b->x, &b->y, &x, &y);
    FIELD(cross)(&yz, &a->y, &a->z, &b->y, &b->z, &y, &z);
    FIELD(cross)(&xz, &a->x, &a->z, &b->x, &b->z, &x, &z);
    FIELD(mul_3b)(&z, &z);
    FIELD(finish_addition)(result, &x, &y, &z, &xy, &yz, &xz);
}

void GROUP(add_affine)(POINT *result, const POINT *a, const AFFINE *b) {
    ELEMENT x, y, z, xy, yz, xz;
    FIELD(mul)(&x, &a->x, &b->x);
    FIELD(mul)(&y, &a->y, &b->y);
    FIELD(cross)(&xy, &a->x, &a->y, &b->x, &b->y, &x, &y);
    FIELD(mul)(&yz, &b->y, &a->z);
    FIELD(add)(&yz, &yz, &a->y);
    FIELD(mul)(&xz, &b->x, &a->z);
    FIELD(add)(&xz, &xz, &a->x);
    FIELD(mul_3b)(&z, &a->z);
    FIELD(finish_addition)(result, &x, &y, &z, &xy, &yz, &xz);
}

static inline void GROUP(double_projective)(POINT *point) {
    ELEMENT square, eightfold, yz, z3b, sum, difference, xy;
    FIELD(sqr)(&square, &point->y);
    FIELD(add)(&eightfold, &square, &square);
    FIELD(add)(&eightfold, &eightfold, &eightfold);
    FIELD(add)(&eightfold, &eightfold, &eightfold);
    FIELD(mul)(&yz, &point->y, &point->z);
    FIELD(sqr)(&z3b, &point->z);
    FIELD(mul_3b)(&z3b, &z3b);
    FIELD(mul)(&xy, &point->x, &point->y);
    FIELD(add)(&sum, &square, &z3b);
    FIELD(add)(&difference, &z3b, &z3b);
    FIELD(add)(&difference, &difference, &z3b);
    FIELD(sub)(&difference, &square, &difference);
    FIELD(mul_add_mul)(&point->y, &z3b, &eightfold, &difference, &sum);
    FIELD(mul)(&point->z, &yz, &eightfold);
    FIELD(mul)(&point->x, &difference, &xy);
    FIELD(add)(&point->x, &point->x, &point->x);
}

// On (X / Z^2, Y / Z^3), where squarings replace multiplications: Lange's dbl-2009-l of the Explicit-Formulas Database.
static inline void GROUP(double_jacobian)(POINT *point) {
    ELEMENT a, b, c, d, e;
    FIELD(sqr)(&a, &point->x);
    FIELD(sqr)(&b, &point->y);
    FIELD(sqr)(&c, &b);
    FIELD(add)(&d, &point->x, &b);
    FIELD(sqr)(&d, &d);
    FIELD(sub)(&d, &d, &a);
    FIELD(sub)(&d, &d, &c);
    FIELD(add)(&d, &d, &d);
    FIELD(add)(&e, &a, &a);
    FIELD(add)(&e, &e, &a);
    FIELD(mul)(&point->z, &point->y, &point->z);
    FIELD(add)(&point->z, &point->z, &point->z);
    FIELD(sqr)(&point->x, &e);
    FIELD(sub)(&point->x, &point->x, &d);
    FIELD(sub)(&point->x, &point->x, &d);
    FIELD(add)(&c, &c, &c);
    FIELD(add)(&c, &c, &c);
    FIELD(add)(&c, &c, &c);
    FIELD(sub)(&d, &d, &point->x);
    FIELD(mul)(&point->y, &d, &e);
    FIELD(sub)(&point->y, &point->y, &c);
}

// Points of even order do not exist, so only the identity has z = 0, before and after.
static void GROUP(double_often)(POINT *point, int count) {
    ELEMENT square;
    uint64_t is_identity = FIELD(is_zero)(&point->z);
    FIELD(mul)(&point->x, &point->x, &point->z);
    FIELD(sqr)(&square, &point->z);
    FIELD(mul)(&point->y, &point->y, &square);
    for (int i = 0; i < count; i++) {
        GROUP(double_jacobian)(point);
    }
    FIELD(sqr)(&square, &point->z);
    FIELD(mul)(&point->x, &point->x, &point->z);
    FIELD(mul)(&point->z, &point->z, &square);
    wl_select((uint64_t *)&point->y, (const uint64_t *)&FIELD(one), sizeof(ELEMENT) / 8, 1, is_identity);
}

void GROUP(double)(POINT *result, const POINT *a, int count) {
    POINT point = *a;
    if (count >= JACOBIAN_COUNT_MIN) {
        GROUP(double_often)(&point, count);
    } else {
        for (int i = 0; i < count; i++) {
            GROUP(double_projective)(&point);
        }
    }
    *result = point;
}
