/* What the pages of a school share. */
#ifndef KHOP_WEB_DESK_SCHOOL_H
#define KHOP_WEB_DESK_SCHOOL_H

#include "khop/api/json.h"
#include "khop/flow/flow.h"
#include "khop/http/req.h"
#include <jansson.h>
#include <stdbool.h>

/* The document that a function of flow/school.h answered; a refusal's rc. */
int school_doc(struct task *t, json_t **out) RC_MUST;
/* A list whose rows stand in doc.items with their place or their key of two numbers (a row more than the page); takes the reference. */
int school_list(struct req *rq, const char *template, json_t *doc) RC_MUST;
/* A query parameter; p NULL when absent or empty. RC_BAD_INPUT. */
int school_query(struct req *rq, const char *name, size_t max, struct slice *out) RC_MUST;
/* "whole" of an upload: from the query of a program, or the ticked box of a form. RC_BAD_INPUT. */
int school_whole(struct req *rq, const json_t *fields, bool *out) RC_MUST;
/* "code_no" and "token" of a charge become "code" and "pay_url". `id`: the member with the charge's id. */
void school_charge(const struct flow *f, json_t *charge, const char *id);

/* The document of a payer as clients see it, with its ETag: charges with link and what is left. */
void school_payer(struct req *rq, json_t *doc);

/* The version that was looked at: the member `version`, or the header If-Match with or without its quotes. */
struct slice school_version(struct api_in *in);
/* The document's version as its ETag, for programs. */
void school_tag(struct req *rq, const json_t *doc);

/* Kinds of fees, NULL-ended; their words are "kind.…". */
extern const char *const SCHOOL_KINDS[];

#endif
