/* Published vectors: RFC 8032 §7.1 (Ed25519), RFC 4231 §4 (HMAC), FIPS 180 (SHA-256), the GCM paper's case 14 and 16;
 * then what must not be accepted. */
#include "khop/base/enc.h"
#include "khop/crypto/crypto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <openssl/evp.h>

#include <cmocka.h>

#define MESSAGE_MAX 256

struct bytes {
    uint8_t b[MESSAGE_MAX];
    size_t n;
};

static struct bytes unhex(const char *hex)
{
    struct bytes out = { .n = 0 };

    assert_int_equal(dec_hex(slice_of(hex), out.b, sizeof out.b, &out.n), RC_OK);
    return out;
}

static struct slice slice_bytes(const struct bytes *b)
{
    return (struct slice){ (const char *)b->b, b->n };
}

static void test_sha256(void **state)
{
    struct bytes empty = unhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    struct bytes abc = unhex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    struct slice parts[] = { SLICE("a"), { NULL, 0 }, SLICE("bc") };
    uint8_t got[SHA256_SIZE];

    (void)state;
    assert_int_equal(crypto_sha256((struct slice){ NULL, 0 }, got), RC_OK);
    assert_memory_equal(got, empty.b, sizeof got);
    assert_int_equal(crypto_sha256(SLICE("abc"), got), RC_OK);
    assert_memory_equal(got, abc.b, sizeof got);
    assert_int_equal(crypto_sha256_parts(parts, 3, got), RC_OK);
    assert_memory_equal(got, abc.b, sizeof got);
}

struct mac_vector {
    const char *key, *data; /* hex */
    const char *mac256, *mac512;
};

static const struct mac_vector mac_vectors[] = {
    { "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
      "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854" },
    { "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
      "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737" },
    { "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
      "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd",
      "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
      "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb" },
    { "0102030405060708090a0b0c0d0e0f10111213141516171819",
      "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd",
      "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
      "b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3dba91ca5c11aa25eb4d679275cc5788063a5f19741120c4f2de2adebeb10a298dd" },
};

static void check_mac(enum mac_kind kind, struct slice key, struct slice data, const char *want_hex)
{
    struct bytes want = unhex(want_hex);
    struct mac *m = mac_new(kind, key);
    uint8_t got[SHA512_SIZE];

    assert_non_null(m);
    assert_int_equal(mac_size(m), want.n);
    /* The same context again and again, and the data in any two parts. */
    for (size_t cut = 0; cut <= data.n; cut++) {
        struct slice parts[2] = { { data.p, cut }, { data.p + cut, data.n - cut } };

        memset(got, 0, sizeof got);
        assert_int_equal(mac_sign(m, parts, 2, got), RC_OK);
        assert_memory_equal(got, want.b, want.n);
    }
    mac_free(m);
}

static void test_hmac_rfc4231(void **state)
{
    char key[131];

    (void)state;
    for (size_t i = 0; i < sizeof mac_vectors / sizeof mac_vectors[0]; i++) {
        const struct mac_vector *v = &mac_vectors[i];
        struct bytes k = unhex(v->key), d = unhex(v->data);

        check_mac(MAC_HMAC_SHA256, slice_bytes(&k), slice_bytes(&d), v->mac256);
        check_mac(MAC_HMAC_SHA512, slice_bytes(&k), slice_bytes(&d), v->mac512);
    }
    memset(key, 0xaa, sizeof key);
    check_mac(MAC_HMAC_SHA256, (struct slice){ key, sizeof key },
              SLICE("Test Using Larger Than Block-Size Key - Hash Key First"),
              "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    check_mac(MAC_HMAC_SHA512, (struct slice){ key, sizeof key },
              SLICE("This is a test using a larger than block-size key and a larger than block-size data. "
                    "The key needs to be hashed before being used by the HMAC algorithm."),
              "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944b6022cac3c4982b10d5eeb55c3e4de15134676fb6de0446065c97440fa8c6a58");
}

static void test_mac_keys(void **state)
{
    struct mac *a = mac_new(MAC_HMAC_SHA256, SLICE("one")), *b = mac_new(MAC_HMAC_SHA256, SLICE("two"));
    uint8_t x[SHA512_SIZE], y[SHA512_SIZE], again[SHA512_SIZE];
    struct slice data = SLICE("data");

    (void)state;
    assert_null(mac_new(MAC_HMAC_SHA256, SLICE("")));
    assert_int_equal(mac_sign(a, &data, 1, x), RC_OK);
    assert_int_equal(mac_sign(b, &data, 1, y), RC_OK);
    assert_int_equal(mac_sign(a, &data, 1, again), RC_OK);
    assert_memory_not_equal(x, y, SHA256_SIZE);
    assert_memory_equal(x, again, SHA256_SIZE);
    mac_free(a);
    mac_free(b);
    mac_free(NULL);
}

static void test_equal(void **state)
{
    (void)state;
    assert_true(crypto_equal(SLICE("abc"), SLICE("abc")));
    assert_true(crypto_equal(SLICE(""), (struct slice){ NULL, 0 }));
    assert_false(crypto_equal(SLICE("abc"), SLICE("abd")));
    assert_false(crypto_equal(SLICE("abc"), SLICE("abcd")));
    assert_false(crypto_equal(SLICE("abc"), SLICE("")));
}

static void test_random(void **state)
{
    uint8_t a[32] = { 0 }, b[32] = { 0 };

    (void)state;
    assert_int_equal(crypto_random(a, sizeof a), RC_OK);
    assert_int_equal(crypto_random(b, sizeof b), RC_OK);
    assert_memory_not_equal(a, b, sizeof a);
}

struct sign_vector {
    const char *seed, *public_key, *message, *sig;
};

static const struct sign_vector sign_vectors[] = {
    { "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b" },
    { "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
      "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00" },
    { "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
      "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a" },
};

/* Another library's signatures of the same: RFC 8032 leaves no choice. */
static void test_ed25519_openssl(void **state)
{
    (void)state;
    for (size_t i = 0; i < 64; i++) {
        uint8_t seed[ED25519_KEY_SIZE], message[200], ours[ED25519_SIG_SIZE], theirs[ED25519_SIG_SIZE];
        struct slice text = { (const char *)message, i * 3 };
        size_t n = sizeof theirs;

        assert_int_equal(crypto_random(seed, sizeof seed), RC_OK);
        assert_int_equal(crypto_random(message, sizeof message), RC_OK);
        struct ed25519 *k = ed25519_from_seed(seed);
        EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof seed);
        EVP_MD_CTX *ctx = EVP_MD_CTX_new();

        assert_int_equal(EVP_DigestSignInit(ctx, NULL, NULL, NULL, key), 1);
        assert_int_equal(EVP_DigestSign(ctx, theirs, &n, message, text.n), 1);
        assert_int_equal(ed25519_sign(k, text, ours), RC_OK);
        assert_memory_equal(ours, theirs, sizeof ours);
        assert_true(ed25519_verify(k, text, theirs));
        EVP_MD_CTX_free(ctx);
        EVP_PKEY_free(key);
        ed25519_free(k);
    }
}

/* With a key of small order one signature fits any text; a scalar may be written once more with the order of the group
 * added. */
static void test_ed25519_strict(void **state)
{
    static const uint8_t neutral[ED25519_KEY_SIZE] = { 1 };
    struct bytes sig = unhex(sign_vectors[0].sig), pub = unhex(sign_vectors[0].public_key);
    /* the same signature with S + L, L the order of the group (RFC 8032 §5.1.7 refuses it) */
    struct bytes again = unhex("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                               "4c8c7872aa064e049dbb3013fbf29380d25bf5f0595bbe24655141438e7a101b");
    uint8_t empty[ED25519_SIG_SIZE] = { 1 };

    (void)state;
    struct ed25519 *small = ed25519_from_public(neutral), *p = ed25519_from_public(pub.b);

    assert_false(ed25519_verify(small, SLICE("any text"), empty));
    assert_true(ed25519_verify(p, SLICE(""), sig.b));
    assert_false(ed25519_verify(p, SLICE(""), again.b));
    ed25519_free(small);
    ed25519_free(p);
}

static void test_ed25519_rfc8032(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof sign_vectors / sizeof sign_vectors[0]; i++) {
        const struct sign_vector *v = &sign_vectors[i];
        struct bytes seed = unhex(v->seed), pub = unhex(v->public_key), msg = unhex(v->message), sig = unhex(v->sig);
        struct ed25519 *k = ed25519_from_seed(seed.b), *p = ed25519_from_public(pub.b);
        uint8_t got[ED25519_SIG_SIZE], key[ED25519_KEY_SIZE];

        assert_non_null(k);
        assert_non_null(p);
        ed25519_public(k, key);
        assert_memory_equal(key, pub.b, sizeof key);
        for (int twice = 0; twice < 2; twice++) {
            assert_int_equal(ed25519_sign(k, slice_bytes(&msg), got), RC_OK);
            assert_memory_equal(got, sig.b, sizeof got);
            assert_true(ed25519_verify(p, slice_bytes(&msg), sig.b));
            assert_true(ed25519_verify(k, slice_bytes(&msg), sig.b));
        }
        for (size_t bit = 0; bit < 8 * ED25519_SIG_SIZE; bit += 3) {
            sig.b[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_false(ed25519_verify(p, slice_bytes(&msg), sig.b));
            sig.b[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        assert_false(ed25519_verify(p, SLICE("another message"), sig.b));
        assert_int_equal(ed25519_sign(p, slice_bytes(&msg), got), RC_FORBIDDEN);
        ed25519_free(k);
        ed25519_free(p);
    }
    ed25519_free(NULL);
}

/* Known answers through the sealed form: nonce ‖ ciphertext ‖ tag. */
static void test_open_vectors(void **state)
{
    struct bytes key = unhex("0000000000000000000000000000000000000000000000000000000000000000");
    struct bytes box = unhex("000000000000000000000000"
                             "cea7403d4d606b6e074ec5d3baf39d18"
                             "d0d1c8a799996bf0265b98b5d48ab919");
    struct bytes key16 = unhex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
    struct bytes ad16 = unhex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    struct bytes plain16 = unhex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                                 "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
    struct bytes box16 = unhex("cafebabefacedbaddecaf888"
                               "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                               "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
                               "76fc6ece0f4e1768cddf8853bb2d551b");
    uint8_t zero[16] = { 0 }, out[64];
    size_t n = 0;

    (void)state;
    assert_int_equal(crypto_open(key.b, SLICE(""), slice_bytes(&box), out, sizeof out, &n), RC_OK);
    assert_int_equal(n, 16);
    assert_memory_equal(out, zero, 16);
    assert_int_equal(crypto_open(key16.b, slice_bytes(&ad16), slice_bytes(&box16), out, sizeof out, &n), RC_OK);
    assert_int_equal(n, plain16.n);
    assert_memory_equal(out, plain16.b, plain16.n);
}

static void test_seal_tamper(void **state)
{
    uint8_t key[SEAL_KEY_SIZE] = { 1, 2, 3 }, box[256], again[256], out[256];
    struct slice ad = SLICE("con_1"), plain = SLICE("whsec_a secret of a connection");
    size_t n = 0, m = 0;

    (void)state;
    assert_int_equal(crypto_seal(key, ad, plain, box, sizeof box, &n), RC_OK);
    assert_int_equal(n, plain.n + SEAL_OVERHEAD);
    assert_int_equal(crypto_seal(key, ad, plain, again, sizeof again, &m), RC_OK);
    assert_memory_not_equal(box, again, n); /* a nonce never comes twice */
    assert_int_equal(crypto_open(key, ad, (struct slice){ (char *)box, n }, out, plain.n, &m), RC_OK);
    assert_int_equal(m, plain.n);
    assert_memory_equal(out, plain.p, m);

    m = 999;
    for (size_t i = 0; i < n; i++) {
        for (int bit = 0; bit < 8; bit++) {
            box[i] ^= (uint8_t)(1 << bit);
            assert_int_equal(crypto_open(key, ad, (struct slice){ (char *)box, n }, out, sizeof out, &m), RC_UNAUTHORIZED);
            box[i] ^= (uint8_t)(1 << bit);
        }
    }
    for (size_t cut = 0; cut < n; cut++)
        assert_int_equal(crypto_open(key, ad, (struct slice){ (char *)box, cut }, out, sizeof out, &m), RC_UNAUTHORIZED);
    assert_int_equal(crypto_open(key, SLICE("con_2"), (struct slice){ (char *)box, n }, out, sizeof out, &m), RC_UNAUTHORIZED);
    key[31] ^= 1;
    assert_int_equal(crypto_open(key, ad, (struct slice){ (char *)box, n }, out, sizeof out, &m), RC_UNAUTHORIZED);
    assert_int_equal(m, 999); /* outputs are not touched by a failure */
}

static void test_seal_room(void **state)
{
    uint8_t key[SEAL_KEY_SIZE] = { 9 }, box[SEAL_OVERHEAD + 5], out[8];
    size_t n = 0, m = 0;

    (void)state;
    assert_int_equal(crypto_seal(key, SLICE("a"), SLICE("12345"), box, sizeof box - 1, &n), RC_TOO_LARGE);
    assert_int_equal(crypto_seal(key, SLICE("a"), SLICE(""), box, SEAL_OVERHEAD - 1, &n), RC_TOO_LARGE);
    assert_int_equal(crypto_seal(key, SLICE("a"), SLICE("12345"), box, sizeof box, &n), RC_OK);
    assert_int_equal(crypto_open(key, SLICE("a"), (struct slice){ (char *)box, n }, out, 4, &m), RC_TOO_LARGE);
    assert_int_equal(crypto_seal(key, SLICE(""), SLICE(""), box, sizeof box, &n), RC_OK);
    assert_int_equal(n, SEAL_OVERHEAD);
    assert_int_equal(crypto_open(key, SLICE(""), (struct slice){ (char *)box, n }, out, 0, &m), RC_OK);
    assert_int_equal(m, 0);
}

static int setup(void **state)
{
    (void)state;
    return crypto_init() == RC_OK && crypto_init() == RC_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    crypto_end();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sha256),        cmocka_unit_test(test_hmac_rfc4231), cmocka_unit_test(test_mac_keys),
        cmocka_unit_test(test_equal),         cmocka_unit_test(test_random),       cmocka_unit_test(test_ed25519_rfc8032),
        cmocka_unit_test(test_ed25519_openssl), cmocka_unit_test(test_ed25519_strict),
        cmocka_unit_test(test_open_vectors),  cmocka_unit_test(test_seal_tamper),  cmocka_unit_test(test_seal_room),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
