/* JWS compact form. Reading does not interpret JSON at all: the header must be, byte for byte, one of the two texts
 * that we could have written for its key id, and every part must be the one base64url text of its bytes. So there is
 * nothing in which two readers could disagree (security.md §6). */
#include "khop/crypto/jws.h"

#include "khop/base/enc.h"

#include "khop/base/banned.h"

#define KID_LETTERS    (JWS_KID_SIZE - 1)
#define TYP_MAX        64
#define HEADER_MAX     192
#define SIG_LETTERS    86 /* 64 bytes in base64url */
#define THUMBPRINT_MAX 128

/* A media type without what JSON would have to escape. */
static bool typ_ok(struct slice typ)
{
    if (typ.n == 0 || typ.n > TYP_MAX)
        return false;
    for (size_t i = 0; i < typ.n; i++) {
        char c = typ.p[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '-' ||
              c == '.' || c == '/'))
            return false;
    }
    return true;
}

/* The bytes of one base64url part; false unless `text` is exactly what encoding them gives. */
static bool part_decode(struct slice text, uint8_t *out, size_t cap, size_t *n)
{
    struct buf again;

    if (text.n == 0 || dec_base64url(text, out, cap, n) != RC_OK)
        return false;
    buf_init(&again, JWS_MAX);
    enc_base64url(&again, out, *n);

    bool same = !again.failed && slice_eq(buf_slice(&again), text);

    buf_release(&again);
    return same;
}

static bool kid_ok(struct slice kid)
{
    uint8_t bytes[SHA256_SIZE];
    size_t n;

    return kid.n == KID_LETTERS && part_decode(kid, bytes, sizeof bytes, &n) && n == SHA256_SIZE;
}

int jws_thumbprint(const uint8_t public_key[ED25519_KEY_SIZE], char kid[JWS_KID_SIZE])
{
    uint8_t hash[SHA256_SIZE];
    struct buf text;
    int rc;

    buf_init(&text, THUMBPRINT_MAX);
    buf_puts(&text, "{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\""); /* RFC 7638: sorted members, no spaces */
    enc_base64url(&text, public_key, ED25519_KEY_SIZE);
    buf_puts(&text, "\"}");
    rc = text.failed ? RC_NOMEM : crypto_sha256(buf_slice(&text), hash);
    if (rc == RC_OK) {
        buf_clear(&text);
        enc_base64url(&text, hash, sizeof hash);
        if (text.failed || text.n != KID_LETTERS)
            rc = RC_NOMEM;
        else
            memcpy(kid, text.p, JWS_KID_SIZE);
    }
    buf_release(&text);
    return rc;
}

static void header_put(struct buf *out, const char *alg, struct slice kid, struct slice typ)
{
    buf_puts(out, "{\"alg\":\"");
    buf_puts(out, alg);
    buf_puts(out, "\",\"kid\":\"");
    buf_put_slice(out, kid);
    buf_puts(out, "\",\"typ\":\"");
    buf_put_slice(out, typ);
    buf_puts(out, "\"}");
}

/* header.payload, which is what is signed. */
static int signed_text(struct buf *text, const char *kid, const char *typ, struct slice payload)
{
    struct buf header;
    int rc = RC_OK;

    if (!kid_ok(slice_of(kid)) || !typ_ok(slice_of(typ)) || payload.n == 0)
        return RC_BAD_INPUT;
    if (payload.n > JWS_MAX / 4 * 3)
        return RC_TOO_LARGE;
    buf_init(&header, HEADER_MAX);
    header_put(&header, "Ed25519", slice_of(kid), slice_of(typ));
    enc_base64url(text, header.p, header.n);
    buf_putc(text, '.');
    enc_base64url(text, payload.p, payload.n);
    if (header.failed || text->failed || text->n > JWS_MAX - 1 - SIG_LETTERS)
        rc = RC_TOO_LARGE;
    buf_release(&header);
    return rc;
}

int jws_signature(const struct ed25519 *key, const char *kid, const char *typ, struct slice payload, uint8_t sig[ED25519_SIG_SIZE])
{
    struct buf text;
    int rc;

    buf_init(&text, JWS_MAX);
    rc = signed_text(&text, kid, typ, payload);
    if (rc == RC_OK)
        rc = ed25519_sign(key, buf_slice(&text), sig);
    buf_release(&text);
    return rc;
}

int jws_join(struct buf *out, const char *kid, const char *typ, struct slice payload, const uint8_t sig[ED25519_SIG_SIZE])
{
    struct buf text;
    int rc;

    buf_init(&text, JWS_MAX);
    rc = signed_text(&text, kid, typ, payload);
    if (rc == RC_OK) {
        buf_putc(&text, '.');
        enc_base64url(&text, sig, ED25519_SIG_SIZE);
        if (!text.failed)
            buf_put_slice(out, buf_slice(&text));
        rc = text.failed || out->failed ? RC_NOMEM : RC_OK;
    }
    buf_release(&text);
    return rc;
}

int jws_sign(struct buf *out, const struct ed25519 *key, const char *kid, const char *typ, struct slice payload)
{
    uint8_t sig[ED25519_SIG_SIZE];
    int rc = jws_signature(key, kid, typ, payload, sig);

    return rc == RC_OK ? jws_join(out, kid, typ, payload, sig) : rc;
}

/* What is known of a JWS while it is read. */
struct jws_parts {
    struct slice header, payload, sig; /* as text */
    struct slice signed_text;          /* header '.' payload */
    struct slice kid;                  /* into head */
    uint8_t head[HEADER_MAX];
    uint8_t body[JWS_MAX];
    size_t body_n;
    uint8_t sig_bytes[ED25519_SIG_SIZE];
};

static int refuse(const char **why, const char *sentence, int rc)
{
    *why = sentence;
    return rc;
}

static bool parts_cut(struct jws_parts *j, struct slice jws)
{
    const char *dot = memchr(jws.p, '.', jws.n);

    if (dot == NULL)
        return false;
    j->header = (struct slice){ jws.p, (size_t)(dot - jws.p) };

    struct slice rest = { dot + 1, jws.n - j->header.n - 1 };
    const char *second = rest.n == 0 ? NULL : memchr(rest.p, '.', rest.n);

    if (second == NULL)
        return false;
    j->payload = (struct slice){ rest.p, (size_t)(second - rest.p) };
    j->signed_text = (struct slice){ jws.p, j->header.n + 1 + j->payload.n };
    j->sig = (struct slice){ second + 1, rest.n - j->payload.n - 1 };
    return true; /* a third dot is no letter of the signature */
}

/* Is the header what header_put writes for one of the two names of the algorithm? Finds the key id. */
static bool header_read(struct jws_parts *j, struct slice typ)
{
    static const char *const algs[] = { "Ed25519", "EdDSA" };
    size_t n;
    bool found = false;

    if (!part_decode(j->header, j->head, sizeof j->head, &n))
        return false;
    for (size_t i = 0; !found && i < sizeof algs / sizeof algs[0]; i++) {
        struct slice got = { (const char *)j->head, n };
        size_t at = strlen("{\"alg\":\"\",\"kid\":\"") + strlen(algs[i]);
        struct buf want;

        j->kid = slice_sub(got, at, KID_LETTERS);
        buf_init(&want, HEADER_MAX);
        header_put(&want, algs[i], j->kid, typ);
        found = !want.failed && slice_eq(buf_slice(&want), got);
        buf_release(&want);
    }
    return found && kid_ok(j->kid);
}

/* A key that is found under a kid which is not its thumbprint was put there by mistake or by somebody else. */
static bool key_fits(const struct ed25519 *key, struct slice kid)
{
    uint8_t public_key[ED25519_KEY_SIZE];
    char own[JWS_KID_SIZE];

    ed25519_public(key, public_key);
    return jws_thumbprint(public_key, own) == RC_OK && slice_is(kid, own);
}

int jws_verify(struct slice jws, const char *typ, jws_key_fn find, void *arg, struct buf *payload,
               char kid[JWS_KID_SIZE], const char **why)
{
    struct jws_parts j;
    size_t n;

    if (jws.n == 0 || jws.n > JWS_MAX)
        return refuse(why, "it is empty or too long", RC_BAD_INPUT);
    if (!parts_cut(&j, jws))
        return refuse(why, "it is not three parts with dots between them", RC_BAD_INPUT);
    if (!header_read(&j, slice_of(typ)))
        return refuse(why, "its header is not the one that this kind of document has", RC_BAD_INPUT);
    if (!part_decode(j.payload, j.body, sizeof j.body, &j.body_n))
        return refuse(why, "its content is not canonical base64url", RC_BAD_INPUT);
    if (!part_decode(j.sig, j.sig_bytes, sizeof j.sig_bytes, &n) || n != ED25519_SIG_SIZE)
        return refuse(why, "its signature is not 64 bytes in canonical base64url", RC_BAD_INPUT);

    const struct ed25519 *key = find(j.kid, arg);

    if (key == NULL)
        return refuse(why, "it is signed with a key that is not trusted", RC_NOT_FOUND);
    if (!key_fits(key, j.kid))
        return refuse(why, "its key id belongs to another key", RC_UNAUTHORIZED);
    if (!ed25519_verify(key, j.signed_text, j.sig_bytes))
        return refuse(why, "its signature does not fit its content", RC_UNAUTHORIZED);
    buf_put(payload, j.body, j.body_n);
    if (payload->failed)
        return refuse(why, "its content does not fit in memory", RC_NOMEM);
    memcpy(kid, j.kid.p, KID_LETTERS);
    kid[KID_LETTERS] = '\0';
    return RC_OK;
}
