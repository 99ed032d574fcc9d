/* khop code find: payment codes in memos, with the code that settles them. */
#include <string.h>

#include "cmd.h"
#include "khop/pay/match.h"

#include "khop/base/banned.h"

static json_t *json_found(const struct match_list *found)
{
    json_t *codes = json_array(), *answer;

    for (size_t i = 0; i < found->n; i++) {
        char text[CODE_SIZE];

        code_text(text, found->code[i].no);
        json_array_append_new(codes, json_pack("{s:s,s:s}", "code", text, "how", match_how_name(found->code[i].how)));
    }
    answer = json_pack("{s:o}", "codes", codes);
    if (answer != NULL && found->more)
        json_object_set_new(answer, "more", json_true());
    return answer;
}

/* A memo that is not searched has no codes; it says so and stays in the same form for whoever reads "codes". */
static bool answer_find(const struct cmd_line *line, struct buf *out, void *arg)
{
    struct match_list found;
    int rc = line->too_long ? RC_TOO_LARGE : match_find(line->text, CODE_KINDS_DEFAULT, &found);

    (void)arg;
    if (rc != RC_OK)
        cmd_json(out, json_pack("{s:[],s:s}", "codes", "error", rc == RC_TOO_LARGE ? "too_long" : rc_name(rc)));
    else
        cmd_json(out, json_found(&found));
    return rc == RC_OK;
}

int cmd_code_find(int argc, char **argv)
{
    int code = cmd_take_end(&argc, argv, 1, 1);

    return code == CMD_OK ? cmd_filter_or_one(argv[0], answer_find, NULL) : code;
}
