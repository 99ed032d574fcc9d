/* Lists: ?limit=&after=, one row more than the page is asked of the database, and what comes beyond it becomes the cursor
 * (product.md §8.4). A list call is api_list_begin, a flow call with limit + 1, and api_list_reply in its second half. */
#ifndef KHOP_API_LIST_H
#define KHOP_API_LIST_H

#include "khop/http/req.h"
#include <jansson.h>
#include <stdbool.h>

struct api_list {
    struct slice token_hash;
    int32_t limit;             /* rows to ask for: the page and one more */
    bool has_after;
    int64_t after_a, after_b;  /* sort key of the last row of the page before; 0 at the start */
};

/* Token, limit and cursor; *list is also the task's state. RC_OK or a negative rc: RC_BAD_INPUT of a limit or cursor names it (api/query.h). */
int api_list_begin(struct req *rq, struct api_list **list) RC_MUST;

/* The same for a caller that is known already. */
int api_list_open(struct req *rq, struct slice token_hash, struct api_list **list) RC_MUST;

/* RC_BAD_INPUT of a cursor whose numbers this list cannot have given. */
int api_list_cursor_wrong(struct req *rq) RC_MUST;

/* The document of row i (NULL without memory) and its sort key. */
typedef json_t *(*api_list_row)(struct req *rq, const void *rows, size_t i, int64_t key[2]);
/* {"items": […], "next": cursor or null}, with the Link header; NULL without memory. task->state is the list. */
json_t *api_list_doc(struct req *rq, const void *rows, size_t n, api_list_row row);
/* {"items": […], "next": cursor or null} and the Link header. */
int api_list_reply(struct req *rq, const void *rows, size_t n, api_list_row row);

#endif
