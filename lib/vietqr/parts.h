/* What the files of libvietqr share. */
#ifndef VIETQR_PARTS_H
#define VIETQR_PARTS_H

#include "vietqr.h"

#include <stdbool.h>

/* --- text.c: characters --- */

/* Bytes (1 to 4) of the UTF-8 character at p, 0 when it is none. p < end. */
size_t text_step(const char *p, const char *end);
/* Characters of valid UTF-8. */
size_t text_count(struct vietqr_text t);
bool text_is(struct vietqr_text t, const char *word);
bool text_digits(struct vietqr_text t, size_t size);
bool text_ascii(struct vietqr_text t);
bool ascii_digit(char c);
/* The rules of vietqr.md §7.1 (1) for a payload as a whole. */
enum vietqr_error text_check(const char *text, size_t size);

/* --- tlv.c: rows of objects --- */

#define TLV_IDS 100

/* One level: the value of each id; bytes == NULL where it does not occur. */
struct tlv_level {
    struct vietqr_text field[TLV_IDS];
    int first, last; /* ids in the order of the text; -1 when the level is empty */
    unsigned count;
};

struct tlv_object {
    int id; /* -1 as long as it is not known */
    struct vietqr_text value;
};

/* Takes one object off the front of *p; *p < end. The text is valid UTF-8. `inside`: p is in a template. */
enum vietqr_error tlv_next(const char **p, const char *end, bool inside, struct tlv_object *object);
/* Reads a whole level; parent is the path of the template, "" at the root. */
enum vietqr_error tlv_read(struct tlv_level *level, struct vietqr_text text, const char *parent,
                           struct vietqr_problem *problem);

/* Notes the error and the field; id -1 names the parent. Returns the error. */
enum vietqr_error problem_at(struct vietqr_problem *problem, enum vietqr_error error, const char *parent, int id);

/* --- amount.c --- */

enum amount_fault { AMOUNT_GOOD, AMOUNT_BAD_LENGTH, AMOUNT_BAD_CHARACTER, AMOUNT_BAD_DECIMALS, AMOUNT_IS_ZERO };

#define AMOUNT_CHARACTERS_MAX 13

/* vietqr.md §4: digits with at most one dot and exactly the currency's decimals; VND may end with the dot. */
enum amount_fault amount_read(struct vietqr_text text, int decimals, int64_t *amount);
/* Field 57: 00.01 to 99.99 in hundredths of a percent. */
bool percentage_read(struct vietqr_text text, int64_t *hundredths);

/* --- account.c: rules that reading and writing share --- */

enum vietqr_error account_check(struct vietqr_text account, enum vietqr_service service);
/* False when the name is none of the three. */
bool service_read(struct vietqr_text name, enum vietqr_service *service);

/* --- kind.c --- */

/* A text that is no EMV payload but known as something else. */
bool kind_is_foreign(enum vietqr_kind kind);

#endif
