/* The input once as a JWS (what is accepted must be what we sign ourselves, but for the name of the algorithm), and
 * once as the content of one (what is signed must be read back). Abort is the finding. */
#include "khop/crypto/jws.h"

#include <stdlib.h>

#define TYP "khop-receipt+jws"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct ed25519 *key;
static char kid[JWS_KID_SIZE];

static const struct ed25519 *find(struct slice want, void *arg)
{
    (void)arg;
    return slice_is(want, kid) ? key : NULL;
}

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void start(void)
{
    static const uint8_t seed[ED25519_KEY_SIZE] = { 1 };
    uint8_t public_key[ED25519_KEY_SIZE];

    must(crypto_init() == RC_OK);
    key = ed25519_from_seed(seed);
    must(key != NULL);
    ed25519_public(key, public_key);
    must(jws_thumbprint(public_key, kid) == RC_OK);
}

static void check_read(struct slice text)
{
    struct buf payload, again;
    char got[JWS_KID_SIZE];
    const char *why = NULL;

    buf_init(&payload, JWS_MAX);
    buf_init(&again, JWS_MAX);

    int rc = jws_verify(text, TYP, find, NULL, &payload, got, &why);

    if (rc == RC_OK) {
        must(jws_sign(&again, key, kid, TYP, buf_slice(&payload)) == RC_OK);
        must(slice_eq(buf_slice(&again), text) ||
             slice_starts(text, SLICE("eyJhbGciOiJFZERTQSIs"))); /* {"alg":"EdDSA", */
    } else {
        must(why != NULL && payload.n == 0);
    }
    buf_release(&payload);
    buf_release(&again);
}

static void check_round(struct slice content)
{
    struct buf text, payload;
    char got[JWS_KID_SIZE];
    const char *why = NULL;

    buf_init(&text, JWS_MAX);
    buf_init(&payload, JWS_MAX);
    if (jws_sign(&text, key, kid, TYP, content) == RC_OK) {
        must(jws_verify(buf_slice(&text), TYP, find, NULL, &payload, got, &why) == RC_OK);
        must(slice_eq(buf_slice(&payload), content) && slice_is(slice_of(got), kid));
    } else {
        must(content.n == 0 || content.n > JWS_MAX / 2);
    }
    buf_release(&text);
    buf_release(&payload);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice input = { (const char *)data, size };

    if (key == NULL)
        start();
    check_read(input);
    check_round(input);
    return 0;
}
