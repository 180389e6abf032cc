// Masks that the compiler cannot see through.

#ifndef WL_MASK_H
#define WL_MASK_H

#include <stdint.h>

// All bits of a bit. Without the barrier, compilers turn an AND with a mask back into a branch on the bit that the mask
// was made of, which leaks it and is slow when it is random.
static inline uint64_t mask_of(uint64_t bit) {
    uint64_t mask = -bit;
    __asm__("" : "+r"(mask));
    return mask;
}

#endif
