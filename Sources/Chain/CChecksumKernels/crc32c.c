#include "CChecksumKernels.h"

#include <string.h>

#if defined(__x86_64__)

#include <cpuid.h>
#include <nmmintrin.h>

int wl_crc32c_is_available(void) {
    unsigned int eax, ebx, ecx = 0, edx;
    return __get_cpuid(1, &eax, &ebx, &ecx, &edx) && (ecx & bit_SSE4_2) != 0;
}

__attribute__((target("sse4.2"))) uint32_t wl_crc32c_add(uint32_t state, const void *bytes, size_t count) {
    const unsigned char *next = bytes;
    uint64_t sum = state;
    for (; count >= 8; next += 8, count -= 8) {
        uint64_t word;
        memcpy(&word, next, 8);
        sum = _mm_crc32_u64(sum, word);
    }
    uint32_t rest = (uint32_t)sum;
    for (; count > 0; next++, count--) rest = _mm_crc32_u8(rest, *next);
    return rest;
}

#else

int wl_crc32c_is_available(void) { return 0; }

uint32_t wl_crc32c_add(uint32_t state, const void *bytes, size_t count) {
    (void)bytes;
    (void)count;
    return state;
}

#endif
