/* What is known of the files of a bank: data, not code. */
#ifndef KHOP_PROVIDER_STATEMENT_PROFILES_H
#define KHOP_PROVIDER_STATEMENT_PROFILES_H

#include "khop/provider/sheet.h"

enum statement_column {
    COL_DATE,       /* booked */
    COL_VALUE_DATE, /* when there are two dates: the other one */
    COL_TIME,
    COL_REFERENCE,
    COL_DEBIT,      /* out */
    COL_CREDIT,     /* in */
    COL_AMOUNT,     /* one column for both */
    COL_SIGN,       /* which of the two, as a word or letter */
    COL_BALANCE,
    COL_MEMO,
    COL_COUNTER_NAME,
    COL_COUNTER_ACCOUNT,
    COL_COUNTER_BANK,
    COLS
};

struct statement_profile {
    const char *name;
    /* Titles that tell this bank, each a list of synonyms; all must be there. */
    const char *marks[3];
    /* A word of the rows above the titles that tells it too; folded as titles are. */
    const char *letterhead;
    /* Synonyms of its columns; NULL: the common ones. */
    const char *names[COLS];
    enum sheet_date_form date_form;
    bool ref_unique;
};

extern const char *const statement_common_names[COLS];
extern const struct statement_profile statement_profiles[];
extern const size_t statement_profiles_count; /* the last one fits every file */

#endif
