/* Argon2id by libsodium, as PHC strings. */
#include "hasher.h"

#include <sodium.h>

#include "khop/base/banned.h"

/* security.md §4. Raised here, every password is hashed anew when its owner signs in. */
#define ARGON_PASSES 3
#define ARGON_MEMORY ((size_t)64 << 20)

_Static_assert(AUTH_PHC_SIZE == crypto_pwhash_STRBYTES, "a PHC string of libsodium");

int argon_hash(const uint8_t input[SHA256_SIZE], char phc[AUTH_PHC_SIZE])
{
    if (sodium_init() < 0)
        return RC_INTERNAL;
    return crypto_pwhash_str_alg(phc, (const char *)input, SHA256_SIZE, ARGON_PASSES, ARGON_MEMORY, crypto_pwhash_ALG_ARGON2ID13) == 0
               ? RC_OK
               : RC_NOMEM;
}

bool argon_match(const uint8_t input[SHA256_SIZE], const char *phc)
{
    return sodium_init() >= 0 && crypto_pwhash_str_verify(phc, (const char *)input, SHA256_SIZE) == 0;
}

bool argon_is_weak(const char *phc)
{
    return crypto_pwhash_str_needs_rehash(phc, ARGON_PASSES, ARGON_MEMORY) != 0;
}

/* Salt and hash are random; nobody knows, or can find, what would give them. */
const char *argon_dummy(void)
{
    _Static_assert(ARGON_PASSES == 3 && ARGON_MEMORY >> 10 == 65536, "the dummy takes as long as a hash of today");
    return "$argon2id$v=19$m=65536,t=3,p=1$4U8h4Kp/BJOQ3tsHynYm4g$Ly7Ekvn5Uju+1IFq4fe7o+FdsGwT8NuuFIcVDzlVqXc";
}
