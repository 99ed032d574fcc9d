/* A second writer of payloads, as plain as can be, for tests: it writes what it is told, right or wrong. */
#ifndef TEST_VIETQR_BUILD_H
#define TEST_VIETQR_BUILD_H

#include <stdint.h>

/* The object ID LENGTH VALUE, the length in characters; and several texts in a row, ended by NULL. Both live in a ring
 * of static buffers: the last 256 results are valid. */
const char *obj(int id, const char *value);
const char *cat(const char *first, ...) __attribute__((sentinel));
/* The text with "6304" and its checksum behind. */
const char *seal(const char *text);

/* The checksum by polynomial division of the whole bit string, independent of the library's way; with the initial value
 * and the final XOR as parameters. */
unsigned crc_by_division(const char *text, unsigned initial, unsigned final_xor);
unsigned crc_reflected(const char *text, unsigned polynomial, unsigned initial);

/* Parts of a good payload. */
#define HEAD    "000201010211"
#define ACCOUNT "000697040501137900123450011"
#define GUID    "0010A000000727"
#define BANK    "38570010A00000072701270006970405011379001234500110208QRIBFTTA"
#define VND     "5303704"
#define VN      "5802VN"

/* xorshift64* */
uint64_t random_next(uint64_t *state);

#endif
