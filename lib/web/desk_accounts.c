/* The receiving accounts of an organisation: the list with its form. */
#include "desk_stalls.h"
#include "khop/api/doc.h"
#include "khop/base/enc.h"
#include "khop/flow/account.h"
#include "khop/web/desk.h"
#include "vietqr.h"

#include <stdlib.h>
#include <strings.h>

#include "khop/base/banned.h"

static const char *const ACCOUNT_MEMBERS[] = { "bin", "account_no", "holder", NULL };

static int create_done(struct task *t)
{
    struct req *rq = req_of(t);
    struct flow_account *account;
    size_t n;
    int rc = flow_account_read(t, &account, &n);

    if (rc == RC_CONFLICT)
        return desk_refuse(rq, NULL, "conflict", "This account is registered for another organisation.");
    if (rc == RC_TOO_LARGE)
        return desk_refuse(rq, NULL, "conflict", "This organisation has 9,999 accounts; its books have no number for another one.");
    if (rc < 0)
        return rc;
    return n == 1 ? desk_done(rq, 201, api_doc_account(account), "said.account", "/desk/accounts") : RC_INTERNAL;
}

static bool is_alnum(struct slice s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];

        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')))
            return false;
    }
    return true;
}

static bool is_digits(struct slice s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    }
    return true;
}

void desk_in_account(struct api_in *in, struct slice *bin, struct slice *account_no, struct slice *holder)
{
    api_in_text(in, NULL, "/bin", 6, 6, bin);
    api_in_text(in, NULL, "/account_no", 1, 19, account_no);
    api_in_free_text(in, NULL, "/holder", 1, 120, holder);
    if (bin->p != NULL && !is_digits(*bin))
        api_in_fault(in, "/bin", "digits", "This must be the six digits of the bank.");
    if (account_no->p != NULL && !is_alnum(*account_no))
        api_in_fault(in, "/account_no", "characters", "An account number has letters and digits only.");
}

int desk_accounts_create(struct req *rq)
{
    struct slice hash, bin, account_no, holder;
    struct api_in in;
    int rc = desk_begin(rq, &hash);

    if (rc == RC_OK)
        rc = desk_in_begin(&in, rq, desk_accounts);
    if (rc != RC_OK)
        return desk_over(rc);
    api_in_known(&in, in.root, "", ACCOUNT_MEMBERS);
    desk_in_account(&in, &bin, &account_no, &holder);
    rc = desk_in_end(&in);
    return rc != RC_OK ? desk_over(rc) : flow_account_create(&rq->task, rq->app, hash, bin, account_no, holder, create_done);
}

static json_t *list_row(struct req *rq, const void *rows, size_t i, int64_t key[2])
{
    const struct flow_account *a = (const struct flow_account *)rows + i;

    (void)rq;
    key[1] = a->id;
    return api_doc_account(a);
}

static int by_name(const void *a, const void *b)
{
    return strcasecmp((*(const struct vietqr_bank *const *)a)->short_name, (*(const struct vietqr_bank *const *)b)->short_name);
}

/* The banks of the form, by the name that people know. */
void desk_banks(struct req *rq, json_t *more)
{
    size_t n = vietqr_bank_count();
    const struct vietqr_bank **banks = arena_array(rq->task.arena, n, sizeof *banks);

    for (size_t i = 0; banks != NULL && i < n; i++)
        banks[i] = vietqr_bank_at(i);
    if (banks != NULL)
        qsort(banks, n, sizeof *banks, by_name);
    for (size_t i = 0; banks != NULL && i < n; i++)
        desk_choice(rq, more, "bin", banks[i]->bin, json_sprintf("%s (%s)", banks[i]->short_name, banks[i]->bin));
}

static int list_done(struct task *t)
{
    struct req *rq = req_of(t);
    struct flow_account *accounts;
    json_t *more = json_object();
    size_t n;
    int rc = flow_account_read(t, &accounts, &n);

    if (rc < 0) {
        json_decref(more);
        return rc;
    }
    desk_banks(rq, more);
    return desk_list_reply(rq, "accounts.html", more, accounts, n, list_row);
}

int desk_accounts(struct req *rq)
{
    struct api_list *list;
    int rc = desk_list_begin(rq, &list);

    return rc != RC_OK ? desk_over(rc) : flow_account_list(&rq->task, rq->app, list->token_hash, list->after_b, list->limit, list_done);
}

/* One account is the list at its place. */
static int get_done(struct task *t)
{
    struct req *rq = req_of(t);
    struct flow_account *account;
    size_t n;
    int64_t id;
    int rc = flow_account_read(t, &account, &n);

    if (rc < 0)
        return rc;
    rc = dec_id(rq->params[0], "acc", &id);
    return rc < 0 || n != 1 || account->id != id ? RC_NOT_FOUND : desk_reply(rq, 200, "account.html", api_doc_account(account));
}

int desk_account(struct req *rq)
{
    struct slice hash;
    int64_t id;
    int rc = desk_begin(rq, &hash);

    if (rc != RC_OK)
        return desk_over(rc);
    if (dec_id(rq->params[0], "acc", &id) < 0)
        return RC_NOT_FOUND;
    return flow_account_list(&rq->task, rq->app, hash, id - 1, 1, get_done);
}
