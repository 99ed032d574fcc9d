/* khop_yard: what the bare library calls cost that a request is made of, and ours beside them, in µs of processor time a call.
 * Every call has another input: repeating one flatters (caches, branch prediction). Prints one line of JSON.
 *   khop_yard [NAME COUNT]   one of them COUNT times and no output, for a profiler */
#include "khop/base/num.h"
#include "khop/print/qr.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <qrencode.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "khop/base/banned.h"

#define BODY    400
#define AT_LEAST 0.3 /* seconds of each */

static EVP_MAC_CTX *mac;
static unsigned char key[crypto_sign_ed25519_SECRETKEYBYTES];
static unsigned char body[BODY];

static void payload(char out[160], int i)
{
    snprintf(out, 160, "00020101021238570010A00000072701270006970405011399%011d0208QRIBFTTA5303704540618%04d5802VN62130809SB%07d6304%04X",
             i, i % 10000, i % 10000000, (unsigned)(i * 40503) & 0xFFFFu);
}

static void run_hmac(int i)
{
    unsigned char tag[32];
    size_t n;

    memcpy(body, &i, sizeof i);
    if (EVP_MAC_init(mac, NULL, 0, NULL) != 1 || EVP_MAC_update(mac, body, BODY) != 1 || EVP_MAC_final(mac, tag, &n, sizeof tag) != 1)
        abort();
}

static void run_sign(int i)
{
    unsigned char sig[crypto_sign_ed25519_BYTES];

    memcpy(body, &i, sizeof i);
    if (crypto_sign_ed25519_detached(sig, NULL, body, BODY, key) != 0)
        abort();
}

static void run_qrencode(int i)
{
    char text[160];

    payload(text, i);
    QRcode *code = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);

    if (code == NULL)
        abort();
    QRcode_free(code);
}

static void drawing(int i, bool png)
{
    const struct slice lines[] = { SLICE("180.000 VND"), SLICE("SB7M4QX2C") };
    char text[160];
    struct print_qr qr;
    struct buf out;

    payload(text, i);
    buf_init(&out, 1 << 20);
    if (print_qr_make(&qr, slice_of(text), PRINT_QR_M) < 0)
        abort();
    if (!png)
        print_qr_svg(&out, &qr, "VietQR");
    else if (print_qr_png(&out, &qr, 480, lines, 2) < 0)
        abort();
    print_qr_release(&qr);
    if (out.failed)
        abort();
    buf_release(&out);
}

static void run_svg(int i)
{
    drawing(i, false);
}

static void run_png(int i)
{
    drawing(i, true);
}

static const struct {
    const char *name;
    void (*run)(int i);
} yards[] = { { "hmac_sha256", run_hmac }, { "ed25519_sign", run_sign }, { "qrencode", run_qrencode }, { "qr_svg", run_svg }, { "qr_png", run_png } };

static double cpu(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool prepare(void)
{
    OSSL_PARAM params[] = { OSSL_PARAM_utf8_string(OSSL_MAC_PARAM_DIGEST, (char[]){ "SHA256" }, 0), OSSL_PARAM_END };
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);

    mac = hmac == NULL ? NULL : EVP_MAC_CTX_new(hmac);
    return mac != NULL && sodium_init() >= 0 && crypto_sign_ed25519_keypair(body, key) == 0 &&
           EVP_MAC_init(mac, (const unsigned char *)"a secret of some length", 23, params) == 1;
}

int main(int argc, char **argv)
{
    int64_t count = 0;

    if (!prepare() || (argc == 3 && num_parse(slice_of(argv[2]), 1, 1000000, false, &count) < 0))
        return 1;
    for (size_t y = 0; y < sizeof yards / sizeof yards[0]; y++) {
        int n = 0;
        double began = cpu(), used = 0;

        if (argc == 3) {
            for (; strcmp(argv[1], yards[y].name) == 0 && n < count; n++)
                yards[y].run(n);
            continue;
        }
        while (used < AT_LEAST) {
            for (int k = 0; k < 100; k++, n++)
                yards[y].run(n);
            used = cpu() - began;
        }
        printf("%s\"%s_us\":%.3f", y == 0 ? "{" : ",", yards[y].name, used / n * 1e6);
    }
    puts(argc == 3 ? "" : "}");
    return 0;
}
