#ifndef WARDLINE_COPENSSL_SHIM_H
#define WARDLINE_COPENSSL_SHIM_H

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>

/* OpenSSL 3 deprecates tables of a group's generator without a successor; its P-256 code has them still. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
/* 1 when multiples of the group's own generator are in a table now. */
static inline int wardline_precompute_generator(EC_GROUP *group) {
#if !defined(OPENSSL_NO_DEPRECATED_3_0)
    return EC_GROUP_precompute_mult(group, NULL) == 1 && EC_GROUP_have_precompute_mult(group) == 1;
#else
    (void)group;
    return 0;
#endif
}
#pragma GCC diagnostic pop

#endif
