// Sums of lists of affine points, where additions that do not depend on each other share one inversion (Montgomery's
// trick). For public points: time depends on them. Included once per group, as point_formulas.h.

// (0, 0), which is on neither curve, stands for the identity.
static inline int GROUP(is_identity)(const AFFINE *point) {
    return FIELD(is_zero)(&point->x) && FIELD(is_zero)(&point->y);
}

// The denominator of the slope through two points; 1 where there is none to divide by.
static void GROUP(denominator)(ELEMENT *result, const AFFINE *a, const AFFINE *b, const ELEMENT *one) {
    FIELD(sub)(result, &b->x, &a->x);
    if (FIELD(is_zero)(result)) {
        FIELD(add)(result, &a->y, &b->y);
    }
    if (FIELD(is_zero)(result) || GROUP(is_identity)(a) || GROUP(is_identity)(b)) {
        *result = *one;
    }
}

// a + b with the inverse of the denominator.
static void GROUP(add_by_slope)(AFFINE *result, const AFFINE *a, const AFFINE *b, const ELEMENT *inverse) {
    ELEMENT slope, x, y;
    if (GROUP(is_identity)(a) || GROUP(is_identity)(b)) {
        *result = GROUP(is_identity)(a) ? *b : *a;
        return;
    }
    FIELD(sub)(&x, &b->x, &a->x);
    FIELD(sub)(&slope, &b->y, &a->y);
    if (FIELD(is_zero)(&x)) {
        if (!FIELD(is_zero)(&slope)) {
            __builtin_memset(result, 0, sizeof *result);
            return;
        }
        // Equal points: 3 x^2 over 2 y.
        FIELD(sqr)(&x, &a->x);
        FIELD(add)(&slope, &x, &x);
        FIELD(add)(&slope, &slope, &x);
    }
    FIELD(mul)(&slope, &slope, inverse);
    FIELD(sqr)(&x, &slope);
    FIELD(sub)(&x, &x, &a->x);
    FIELD(sub)(&x, &x, &b->x);
    FIELD(sub)(&y, &a->x, &x);
    FIELD(mul)(&y, &y, &slope);
    FIELD(sub)(&result->y, &y, &a->y);
    result->x = x;
}

// Adds neighbours in every list until each has one point at most.
void GROUP(sum_lists)(AFFINE *points, AFFINE *spare, ELEMENT *scratch, uint32_t *lengths, size_t lists) {
    const ELEMENT *one = &FIELD(one);
    for (;;) {
        ELEMENT product = *one, inverse;
        size_t pair = 0, source = 0, target = 0;
        for (size_t list = 0; list < lists; list++) {
            for (size_t i = 0; i + 1 < lengths[list]; i += 2, pair++) {
                ELEMENT *denominator = &scratch[2 * pair];
                GROUP(denominator)(denominator, &points[source + i], &points[source + i + 1], one);
                scratch[2 * pair + 1] = product;
                FIELD(mul)(&product, &product, denominator);
            }
            source += lengths[list];
            target += (lengths[list] + 1) / 2;
        }
        if (pair == 0) {
            return;
        }
        FIELD(inv)(&inverse, &product);
        size_t total = target;
        for (size_t list = lists; list-- > 0;) {
            size_t pairs = lengths[list] / 2;
            source -= lengths[list];
            lengths[list] = (lengths[list] + 1) / 2;
            target -= lengths[list];
            if (lengths[list] > pairs) {
                spare[target + pairs] = points[source + 2 * pairs];
            }
            for (size_t i = pairs; i-- > 0;) {
                ELEMENT own;
                pair--;
                FIELD(mul)(&own, &inverse, &scratch[2 * pair + 1]);
                FIELD(mul)(&inverse, &inverse, &scratch[2 * pair]);
                GROUP(add_by_slope)(&spare[target + i], &points[source + 2 * i], &points[source + 2 * i + 1], &own);
            }
        }
        __builtin_memcpy(points, spare, total * sizeof *points);
    }
}
