/* The arithmetic of the code on its eight symbols s₁ … s₈ (kind, body, checks; array index 0 … 7), shared by code.c and
 * match.c. Values are 0 … 30. */
#ifndef KHOP_PAY_CODE_SUMS_H
#define KHOP_PAY_CODE_SUMS_H

#include "khop/pay/code.h"

#define CODE_PREFIX  'S'
#define CODE_SYMBOLS 8

struct code_sums {
    int plain;    /* Σ sᵢ mod 31 */
    int weighted; /* Σ i·sᵢ mod 31 */
};

/* Both zero: it is a code. */
struct code_sums code_sums(const int8_t symbols[CODE_SYMBOLS]);
int32_t code_number(const int8_t symbols[CODE_SYMBOLS]);
/* Repairs one wrong symbol in place and returns its index; -1 when one symbol is not what is wrong. */
int code_symbols_repair(int8_t symbols[CODE_SYMBOLS]);

#endif
