// CRC-32C by the processor's own instruction.
#ifndef WL_CHECKSUM_KERNELS_H
#define WL_CHECKSUM_KERNELS_H

#include <stddef.h>
#include <stdint.h>

// Whether this processor has the instruction: 1 or 0.
int wl_crc32c_is_available(void);

// Adds bytes to the state of a CRC-32C (RFC 3720 appendix B.4; all ones before the first byte, to be inverted after
// the last). Must not be called where the instruction is not available.
uint32_t wl_crc32c_add(uint32_t state, const void *bytes, size_t count);

#endif
