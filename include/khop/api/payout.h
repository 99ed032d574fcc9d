/* A line of a payout list, from a sheet or from JSON: checked as far as one line can be, and made into the JSON that flow/payout.h takes. */
#ifndef KHOP_API_PAYOUT_H
#define KHOP_API_PAYOUT_H

#include "khop/base/arena.h"
#include "khop/crypto/crypto.h"
#include "khop/provider/sheet.h"

enum payout_column {
    PAYOUT_NAME, PAYOUT_BIRTH, PAYOUT_PERSON, PAYOUT_AMOUNT, PAYOUT_BANK, PAYOUT_ACCOUNT, PAYOUT_HOLDER, PAYOUT_PAYEE, PAYOUT_UNTIL,
    PAYOUT_COLUMNS
};

#define PAYOUT_LINES_MAX 10000

/* Their titles in sheets, and their names in JSON ("name", "birth_on", "person_id", "amount", "bank", "account_no", "holder", "payee", "payee_until"). */
extern const struct sheet_column payout_columns[PAYOUT_COLUMNS];
extern const char *const payout_names[PAYOUT_COLUMNS];

/* The English sentence of a fault that only the whole list shows ("person_twice", "payee_ended"). */
const char *payout_fault_text(struct slice code);

/* cells: empty ones where there is no column. The personal id leaves as a keyed hash only. Without faults *out is the JSON text, in the arena; each
 * fault is told, and *out stays NULL. RC_NOMEM, RC_INTERNAL. */
int payout_line(struct arena *arena, const uint8_t field_key[SEAL_KEY_SIZE], const struct sheet_cell cells[PAYOUT_COLUMNS], int32_t row,
                void (*fault)(void *arg, enum payout_column column, const char *code, const char *detail), void *arg, struct slice *out) RC_MUST;

#endif
