/* JSON in and out of handlers: members checked with the place and reason of every fault, answers written compactly. */
#ifndef KHOP_API_JSON_H
#define KHOP_API_JSON_H

#include "khop/api/problem.h"
#include "khop/http/req.h"
#include <jansson.h>
#include <stdbool.h>

#define API_ERRORS_MAX 16

/* A member that comes as a field of a table: the same rules, its text instead of a JSON value. */
struct api_column {
    const char *pointer, *name; /* "/payer/ref", "payer_ref" */
    struct slice value;         /* empty: absent */
};

/* A request body being read. Faults collect; api_in_end answers with all of them. */
struct api_in {
    struct req *rq;
    json_t *root;
    const struct api_column *columns; /* of a table's row; then root is an empty object */
    size_t ncolumns;
    bool form; /* root was made from a form: its leaves are text */
    size_t nerrors;
    struct api_error errors[API_ERRORS_MAX];
};

/* Parses an object of at most 16 levels, no member twice. RC_BAD_INPUT (not JSON), or after answering 415: 1. */
int api_in_begin(struct api_in *in, struct req *rq) RC_MUST;
/* The object in a text, by the same rules: NULL when it is none, or nested deeper. The caller releases it. */
json_t *api_json_object(struct slice text);
void api_in_fault(struct api_in *in, const char *pointer, const char *code, const char *detail);
/* Text of min…max bytes in `parent` (root if NULL), trimmed of nothing, control characters refused; NULL or absent gives
 * p == NULL when min is 0, else a fault. `pointer` is the place, its last part the member's name. */
void api_in_text(struct api_in *in, json_t *parent, const char *pointer, size_t min, size_t max, struct slice *out);
/* The same for text that people write as they like: what looks like a card number is refused, never stored (security.md §1). */
void api_in_free_text(struct api_in *in, json_t *parent, const char *pointer, size_t min, size_t max, struct slice *out);
/* An integer (no real, no text); null or absent leaves *has false. */
void api_in_int(struct api_in *in, json_t *parent, const char *pointer, int64_t min, int64_t max, bool *has, int64_t *out);
/* A date, "2026-11-30" (of a form also 30/11/2026); null or absent leaves *has false. */
void api_in_date(struct api_in *in, json_t *parent, const char *pointer, bool *has, int32_t *day);
/* True or false; absent is false. A checkbox that was ticked is true. Returns whether it is there. */
bool api_in_bool(struct api_in *in, json_t *parent, const char *pointer, bool *out);
/* The elements of an array member, at most max; absent: 0. A form's field that came once is an array of one. Elements are
 * texts, or objects to hand to the other readers as parent ("/lines/0/label" names the place of a fault). */
size_t api_in_array(struct api_in *in, const char *pointer, size_t max);
json_t *api_in_element(struct api_in *in, const char *pointer, size_t i);
/* A public id with this prefix; absent is a fault when required. */
void api_in_id(struct api_in *in, json_t *parent, const char *pointer, const char *prefix, bool required, int64_t *out);
/* An object member, NULL if absent or null. */
json_t *api_in_object(struct api_in *in, const char *pointer);
/* Refuses members that are not in the list (NULL-ended names). */
void api_in_known(struct api_in *in, json_t *object, const char *at, const char *const *names);
/* True when everything was right; else the problem has been answered. */
bool api_in_end(struct api_in *in);

/* Answers with a document and takes its reference. NULL means there was no memory. */
int api_reply(struct req *rq, int status, json_t *doc);

/* 201 with the new thing's document and its address: `collection`, a slash, its id. */
int api_created(struct req *rq, const char *collection, const char *prefix, int64_t id, json_t *doc);

/* Setters that leave the document alone when there is no memory; api_reply then fails on the missing root. */
void api_set_slice(json_t *object, const char *name, struct slice value); /* p NULL: null */
void api_set_id(json_t *object, const char *name, const char *prefix, int64_t id); /* 0: null */
void api_set_time(json_t *object, const char *name, bool has, int64_t us);
void api_set_date(json_t *object, const char *name, bool has, int32_t day);
void api_set_url(json_t *object, const char *name, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
