/* Any bytes through the reader: no crash, strict accepts a part of what lenient accepts, and what is read strict and is of
 * our subset is written again as the same payload. */
#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vietqr.h>

#include "khop/base/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ids ascend at the root, in 38, in 38.01 and in 62, as we write them (63 last), and the amount has no other form. The
 * payload is known to be good and, up to 62, ASCII. */
static bool ascending(const char *p, size_t size)
{
    int last = -1;

    while (size >= 4) {
        int id = (p[0] - '0') * 10 + (p[1] - '0');
        size_t n = (size_t)((p[2] - '0') * 10 + (p[3] - '0'));

        if (id <= last || n > size - 4)
            return false;
        last = id == 63 ? 100 : id;
        if ((id == 38 || id == 62) && !ascending(p + 4, n))
            return false;
        if (id == 54 && (p[4] == '0' || p[4 + n - 1] == '.'))
            return false;
        p += 4 + n;
        size -= 4 + n;
    }
    return true;
}

/* 38.01 with account before bank */
static bool bank_first(const char *payload, size_t size)
{
    const char *account = memmem(payload, size, VIETQR_NAPAS_GUID "01", sizeof VIETQR_NAPAS_GUID "01" - 1);

    return account != NULL && memcmp(account + 14, "0006", 4) == 0;
}

static bool written(const struct vietqr *q)
{
    return q->skipped == 0 && q->service != VIETQR_MERCHANT && q->tip == VIETQR_TIP_NONE && q->language.bytes == NULL &&
           strcmp(q->currency, "704") == 0 && strcmp(q->country, "VN") == 0;
}

static bool same_text(struct vietqr_text a, struct vietqr_text b)
{
    return a.size == b.size && (a.bytes == NULL) == (b.bytes == NULL) && (a.size == 0 || memcmp(a.bytes, b.bytes, a.size) == 0);
}

static void write_again(const struct vietqr *q, const char *payload, size_t size)
{
    char out[VIETQR_ENCODED_MAX];
    struct vietqr again;
    bool service_missing = q->warning_count > 0 && q->warnings[0] == VIETQR_WARN_SERVICE_MISSING;
    size_t n;

    assert(vietqr_encode(q, out, sizeof out, &n, NULL) == VIETQR_OK);
    assert(vietqr_decode(out, n, VIETQR_STRICT, &again, NULL) == VIETQR_OK);
    assert(strcmp(again.bin, q->bin) == 0 && strcmp(again.account, q->account) == 0 && again.service == q->service);
    assert(again.method == q->method && again.has_amount == q->has_amount && again.amount == q->amount);
    for (int i = 0; i < VIETQR_ADDITIONAL_COUNT; i++)
        assert(same_text(again.additional[i], q->additional[i]));
    if (!service_missing && ascending(payload, size) && bank_first(payload, size))
        assert(n == size && memcmp(out, payload, n) == 0);
}

static void check(const char *payload, size_t size)
{
    struct vietqr strict, lenient;
    struct vietqr_problem problem;
    enum vietqr_kind kind = vietqr_kind(payload, size);
    enum vietqr_error error = vietqr_decode(payload, size, VIETQR_STRICT, &strict, &problem);

    assert(problem.error == error && (error == VIETQR_OK || problem.kind == kind));
    if (error != VIETQR_OK) {
        (void)vietqr_decode(payload, size, VIETQR_LENIENT, &lenient, &problem);
        return;
    }
    assert(kind == VIETQR_KIND_VIETQR);
    assert(vietqr_decode(payload, size, VIETQR_LENIENT, &lenient, NULL) == VIETQR_OK);
    assert(memcmp(&strict, &lenient, sizeof strict) == 0);
    if (written(&strict))
        write_again(&strict, payload, size);
}

/* The same with a right checksum, which no fuzzer would guess. */
static void check_sealed(const char *payload, size_t size)
{
    char *copy;

    if (size >= 8 && memcmp(payload + size - 8, "6304", 4) == 0)
        size -= 8;
    copy = malloc(size + 9);
    if (copy == NULL)
        return;
    if (size > 0)
        memcpy(copy, payload, size);
    memcpy(copy + size, "6304", 4);
    snprintf(copy + size + 4, 5, "%04X", (unsigned)vietqr_crc(copy, size + 4));
    check(copy, size + 8);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check((const char *)data, size);
    if (size <= 4 * VIETQR_PAYLOAD_MAX)
        check_sealed((const char *)data, size);
    return 0;
}
