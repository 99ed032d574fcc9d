/* What stands in the elements of camt.053 and camt.054: names are compared without their namespace. */
#ifndef KHOP_LIB_PROVIDER_CAMT_TREE_H
#define KHOP_LIB_PROVIDER_CAMT_TREE_H

#include "statement_private.h"

#include <libxml/tree.h>

/* An element of this name, in whatever namespace. */
bool camt_is(const xmlNode *n, const char *name);
xmlNodePtr camt_child(const xmlNode *n, const char *name);
/* The text directly in an element; empty without one. */
struct slice camt_raw_text(const xmlNode *n);
struct slice camt_text_at(const xmlNode *n, const char *path);
/* Whole đồng of VND; RC_BAD_INPUT. */
int camt_amount_at(const xmlNode *n, const char *path, int64_t *out) RC_MUST;
/* 1 in, -1 out, 0: not said. */
int camt_way(const xmlNode *n);
/* Day, and time of day if it is said, of <BookgDt><Dt> or <DtTm>. RC_NOT_FOUND, RC_BAD_INPUT. */
int camt_moment_at(const xmlNode *n, const char *name, struct statement_line *l) RC_MUST;
/* The first of these paths (NULL-ended) that says something. */
struct slice camt_first_text(const xmlNode *n, const char *const *paths);

#endif
