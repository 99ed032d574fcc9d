/* SipHash (Aumasson, Bernstein 2012): a keyed hash for tables whose keys come from outside. */
#ifndef KHOP_LIB_BASE_SIPHASH_H
#define KHOP_LIB_BASE_SIPHASH_H

#include "khop/base/slice.h"
#include <stdint.h>

struct siphash_key {
    uint64_t k0, k1; /* little-endian halves of the 16 key bytes */
};

/* `c` compression and `d` finalization rounds: 2 and 4 is the paper's choice, 1 and 3 is enough for a table. */
uint64_t siphash(const struct siphash_key *key, int c, int d, struct slice s);

#endif
