/* The payment code (design.md §4): S, a kind letter, five random symbols, two check symbols. Nine letters and digits of
 * an alphabet of 31 without 0 1 I L O.
 *
 * Its number form `code_no` is kind · 31⁵ + the five symbols as a number in base 31: that is what the database stores
 * and what everything here passes around. The check symbols are not stored: they follow from the rest.
 *
 * Both check sums run over the eight symbols s₁ … s₈ behind the S, modulo 31: Σ sᵢ and Σ i·sᵢ are zero. One wrong
 * symbol leaves the error in the first sum and error · place in the second, so it is found and repaired; a swap of
 * neighbours leaves the first sum zero and the second one not. */
#ifndef KHOP_PAY_CODE_H
#define KHOP_PAY_CODE_H

#include "khop/base/rc.h"
#include "khop/base/slice.h"
#include <stdbool.h>
#include <stdint.h>

#define CODE_LETTERS 9
#define CODE_SIZE    (CODE_LETTERS + 1) /* with NUL */
#define CODE_BASE    31
#define CODE_BODY    5
#define CODE_BODIES  INT32_C(28629151)  /* 31⁵ codes of one kind */
#define CODE_END     INT32_C(887503681) /* 31⁶: numbers are below */

/* Position in the alphabet, -1 for anything else (also lower case). */
int code_value(char c);
char code_letter(int value); /* 0 … 30 */

/* RC_BAD_INPUT: the kind is no letter of the alphabet, a symbol is over 30. */
int code_make(char kind, const uint8_t body[CODE_BODY], int32_t *no) RC_MUST;
/* A code from 64 random bits; the same bits give the same code. */
int code_from_random(char kind, uint64_t random, int32_t *no) RC_MUST;

static inline bool code_ok(int32_t no)
{
    return no >= 0 && no < CODE_END;
}

/* These three want code_ok(no). */
char code_kind(int32_t no);
int32_t code_body(int32_t no); /* 0 … CODE_BODIES - 1 */
void code_text(char out[CODE_SIZE], int32_t no);

/* Exactly nine upper-case letters and digits with both sums zero, of any kind. RC_BAD_INPUT. */
int code_parse(struct slice text, int32_t *no) RC_MUST;
/* The one code that differs from nine letters in one place at most; one of 0 1 I L O may stand there.
 * *place: 0 … 8, or -1 when nothing was wrong. RC_BAD_INPUT when there is none. */
int code_repair(struct slice text, int32_t *no, int *place) RC_MUST;

/* The kinds of the first installation. A database may have more letters: they need no name here. */
struct code_kind {
    char letter;
    const char *name; /* as the API calls it */
};
/* Entry i, NULL behind the last. */
const struct code_kind *code_kind_at(size_t i);

/* A set of kind letters, for searching. 0 when a letter is not of the alphabet. */
uint32_t code_kinds(struct slice letters);
#define CODE_KINDS_DEFAULT (1U << 9 | 1U << 10 | 1U << 17 | 1U << 20 | 1U << 26) /* B C K P V */

#endif
