/* Who may go where: the navigation of signed-in pages. A page that people look for has a line here, in the order of use. */
#include "desk_view.h"

#include "khop/base/slice.h"
#include "khop/web/locale.h"

#include <stdio.h>
#include <string.h>

#include "khop/base/banned.h"

enum scope { READ = 1, ISSUE = 2, ACCOUNTANT = 4, ADMIN = 8, APPROVE = 16, VEND = 32, PAY_MAKE = 64, PAY_CHECK = 128, AUDIT = 256 };

static const struct item {
    const char *path, *text;
    int scopes;       /* any of these bits */
    const char *kind; /* only in organisations of this kind; NULL: all */
} ITEMS[] = {
    { "/desk", "nav.today", ~0, NULL },
    { "/desk/stalls", "nav.stalls", VEND, NULL },
    { "/desk/stalls", "nav.stalls", ADMIN, "market" },
    { "/desk/payouts", "nav.payouts", PAY_MAKE | PAY_CHECK, NULL },
    { "/desk/exceptions", "nav.exceptions", ACCOUNTANT | APPROVE, NULL },
    { "/desk/statements", "nav.statements", ACCOUNTANT, NULL },
    { "/desk/reports", "nav.reports", READ, NULL },
    { "/desk/papers", "nav.papers", ACCOUNTANT | ADMIN, NULL },
    { "/desk/rounds", "nav.rounds", ISSUE | ACCOUNTANT | APPROVE | AUDIT, "school" },
    { "/desk/payers", "nav.payers", ISSUE | ACCOUNTANT | APPROVE | AUDIT, "school" },
    { "/desk/ceilings", "nav.ceilings", ADMIN, "school" },
    { "/desk/accounts", "nav.accounts", ADMIN, NULL },
    { "/desk/connections", "nav.connections", ADMIN, NULL },
    { "/desk/users", "nav.users", ADMIN | AUDIT, NULL },
    { "/desk/audit/events", "nav.events", ADMIN | AUDIT, NULL },
};

/* The address itself, or one below it; the landing page only itself. */
static bool is_here(const char *item, struct slice path)
{
    size_t n = strlen(item);

    if (!slice_starts(path, slice_of(item)))
        return false;
    return path.n == n || (path.p[n] == '/' && strcmp(item, "/desk") != 0);
}

/* What the person is here, in words. */
static int role_name(json_t *frame, int language)
{
    const char *role = json_string_value(json_object_get(frame, "role"));
    char key[64];

    snprintf(key, sizeof key, "role.%s", role == NULL ? "" : role);
    return locale_find(slice_of(key)) < 0 || json_object_set_new(frame, "role_text", json_string(locale_get(language, key))) == 0 ? RC_OK : RC_NOMEM;
}

/* {{#frame.may.pay_make}}: forms that only some may send. The right itself is the database's to know. */
static int set_may(json_t *frame, int scopes)
{
    return json_object_set_new(frame, "may", json_pack("{s:b, s:b, s:b}", "admin", (scopes & ADMIN) != 0, "collect", (scopes & (ISSUE | ACCOUNTANT)) != 0, "pay_make", (scopes & PAY_MAKE) != 0)) < 0 ? RC_NOMEM : RC_OK;
}

int view_nav(json_t *frame, int language)
{
    const json_t *path = json_object_get(frame, "path"), *kind = json_object_get(frame, "kind");
    struct slice at = { json_string_value(path), json_string_length(path) };
    int scopes = (int)json_integer_value(json_object_get(frame, "scopes"));
    json_t *nav = json_array();

    for (size_t i = 0; i < sizeof ITEMS / sizeof ITEMS[0]; i++) {
        const struct item *item = &ITEMS[i];
        json_t *link;

        if ((item->scopes & scopes) == 0 || (item->kind != NULL && (!json_is_string(kind) || strcmp(item->kind, json_string_value(kind)) != 0)))
            continue;
        link = json_pack("{s:s, s:s, s:b}", "url", item->path, "text", locale_get(language, item->text), "here", is_here(item->path, at));
        if (json_array_append_new(nav, link) < 0) {
            json_decref(nav);
            return RC_NOMEM;
        }
    }
    if (json_object_set_new(frame, "nav", nav) < 0 || set_may(frame, scopes) < 0)
        return RC_NOMEM;
    return role_name(frame, language);
}
