/* What a receipt says, and the bytes that are signed (security.md §6). The bytes are a pure function of the fields: one
 * order, no spaces, one way of escaping; so a receipt can be made again from the books at any time and is the same. */
#ifndef KHOP_PAY_RECEIPT_H
#define KHOP_PAY_RECEIPT_H

#include "khop/base/buf.h"
#include "khop/base/rc.h"
#include "khop/base/slice.h"
#include <stdbool.h>
#include <stdint.h>

#define RECEIPT_TYP      "khop-receipt+jws"
#define RECEIPT_VERSION  1
#define RECEIPT_RID_SIZE 16
#define RECEIPT_ISS_MAX  255
#define RECEIPT_ORG_MAX  100
#define RECEIPT_MAX      2560 /* bytes of content, even if every byte of iss and org has to be escaped */

struct receipt {
    char iss[RECEIPT_ISS_MAX + 1]; /* origin of the issuer: "https://pay.school.example" */
    uint8_t rid[RECEIPT_RID_SIZE];
    int64_t iat;                   /* seconds since 1970: when the receipt was made */
    int64_t paid_at;               /* microseconds since 1970: when the payer's bank says it was paid */
    int64_t amount;                /* đồng */
    int32_t code_no;               /* of the charge that was paid */
    char org[RECEIPT_ORG_MAX + 1]; /* public code of the unit */
    int32_t year;                  /* of the receipt book */
    int64_t no;                    /* gapless in it, from 1 */
    bool revises;
    uint8_t rev[RECEIPT_RID_SIZE]; /* rid of the receipt that this one corrects */
};

/* "2026/000123", at least six digits. RC_BAD_INPUT: year outside 2000 … 9999, no outside 1 … 999,999,999,999. */
#define RECEIPT_NO_SIZE 20
int receipt_no_text(char out[RECEIPT_NO_SIZE], int32_t year, int64_t no) RC_MUST;
int receipt_no_parse(struct slice text, int32_t *year, int64_t *no) RC_MUST;

/* Appends {"v":1,"iss":…,"rid":…,"iat":…,"paid_at":…,"amount":…,"cur":"VND","ref":…,"org":…,"no":…[,"rev":…]}: iat as a
 * JWT NumericDate, paid_at RFC 3339 with +07:00, rid and rev base64url. RC_BAD_INPUT: a field has no such form;
 * RC_NOMEM. */
int receipt_write(struct buf *out, const struct receipt *r) RC_MUST;

/* Reads exactly what receipt_write writes: the fields that were read must give the same bytes. RC_BAD_INPUT. */
int receipt_read(struct slice bytes, struct receipt *r) RC_MUST;

#endif
