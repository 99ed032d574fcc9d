/* A journal for other people's programs, in plain text: Beancount (`bean-check`) and hledger (`hledger check -s`). Accounts are declared, what
 * they held before is one opening transaction, every row of the journal is a transaction, and at the end every balance is asserted, so that
 * the other program adds everything up again and says when it finds something else. Streamed; bounded by the number of accounts. */
#ifndef KHOP_PRINT_LEDGER_H
#define KHOP_PRINT_LEDGER_H

#include "khop/base/slice.h"
#include "khop/print/sink.h"
#include <stdbool.h>
#include <stdint.h>

#define LEDGER_ACCOUNTS_MAX 256
#define LEDGER_ACCOUNT_SIZE 16

enum ledger_format { LEDGER_BEANCOUNT, LEDGER_HLEDGER };

struct ledger_account {
    char no[LEDGER_ACCOUNT_SIZE];
    int64_t balance; /* debit above 0 */
};

struct ledger_out {
    enum ledger_format format;
    struct print_sink sink;
    int rc;
    int32_t from, last; /* days: the first, and the last that had a row */
    bool opened;
    size_t n;
    struct ledger_account accounts[LEDGER_ACCOUNTS_MAX];
};

struct ledger_row {
    int64_t seq;
    int32_t day;
    struct slice debit, credit; /* numbers of accounts: digits */
    int64_t amount;
    struct slice kind, code, reference; /* the last two may be empty */
    int64_t of_seq;                     /* 0: none */
};

/* Failures stick: RC_BAD_INPUT (an account that is not digits), RC_TOO_LARGE (too many accounts, a sum too large), or the sink's. */
int ledger_out_begin(struct ledger_out *o, enum ledger_format format, struct slice title, int32_t from, struct print_sink sink) RC_MUST;
/* Accounts with what they held before the first day; before the first row. Others are declared when they appear. */
int ledger_out_account(struct ledger_out *o, struct slice no, struct slice name, int64_t opening) RC_MUST;
int ledger_out_row(struct ledger_out *o, const struct ledger_row *row) RC_MUST;
int ledger_out_end(struct ledger_out *o) RC_MUST;

#endif
