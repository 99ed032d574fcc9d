/* The command line: `khop <noun> <verb> …`. One file per noun, one row per command in the table of main.c; help,
 * usage and typo suggestions come from that table.
 *
 * A command gets the arguments behind its name (argv[0] is the first of them) and returns an exit code. Commands that
 * take "-" are filters: they read lines and answer each with one line, in order, also the bad ones (cmd_filter). */
#ifndef KHOP_CMD_H
#define KHOP_CMD_H

#include "khop/base/buf.h"
#include "khop/base/rc.h"
#include "khop/base/slice.h"
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* design.md §8 */
enum cmd_exit {
    CMD_OK = 0,
    CMD_FAILED = 1,
    CMD_USAGE = 2,
    CMD_DIFFERENT = 3, /* differences were found, or a proof does not hold */
};

struct cmd {
    const char *noun;
    const char *verb; /* NULL: the noun is the whole command */
    const char *help; /* one line */
    const char *usage; /* what stands behind noun and verb */
    const char *details; /* paragraphs of --help, NULL for none */
    const char *examples; /* whole lines, each ended by a newline */
    int (*run)(int argc, char **argv);
};

/* commands.c */
extern const struct cmd cmd_table[];
extern const size_t cmd_count;

/* The commands, one prototype for each row of the table. */
int cmd_account_create(int argc, char **argv);
int cmd_account_list(int argc, char **argv);
int cmd_audit_copy(int argc, char **argv);
int cmd_audit_verify(int argc, char **argv);
int cmd_code_batch(int argc, char **argv);
int cmd_code_cancel(int argc, char **argv);
int cmd_code_create(int argc, char **argv);
int cmd_code_show(int argc, char **argv);
int cmd_connection_create(int argc, char **argv);
int cmd_connection_list(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_export(int argc, char **argv);
int cmd_key_init(int argc, char **argv);
int cmd_key_pepper(int argc, char **argv);
int cmd_kind_add(int argc, char **argv);
int cmd_kind_list(int argc, char **argv);
int cmd_migrate(int argc, char **argv);
int cmd_notice_send(int argc, char **argv);
int cmd_org_create(int argc, char **argv);
int cmd_org_days(int argc, char **argv);
int cmd_threshold_list(int argc, char **argv);
int cmd_threshold_put(int argc, char **argv);
int cmd_token_create(int argc, char **argv);
int cmd_area_create(int argc, char **argv);
int cmd_setup(int argc, char **argv);
int cmd_user_change(int argc, char **argv);
int cmd_user_create(int argc, char **argv);
int cmd_user_invite(int argc, char **argv);
int cmd_user_list(int argc, char **argv);
int cmd_verify(int argc, char **argv);
int cmd_vietqr_encode(int argc, char **argv);
int cmd_vietqr_decode(int argc, char **argv);
int cmd_vietqr_draw(int argc, char **argv);
int cmd_code_find(int argc, char **argv);
int cmd_words(int argc, char **argv);
int cmd_notice_check(int argc, char **argv);

/* --- arguments --- */

/* Takes the flag out of the arguments wherever it stands in front of "--"; true if it was there. */
bool cmd_take_flag(int *argc, char **argv, const char *name);
/* Takes "--name VALUE" or "--name=VALUE" out; *value stays as it is when the option is absent.
 * RC_BAD_INPUT when the value is missing. */
int cmd_take_value(int *argc, char **argv, const char *name, const char **value) RC_MUST;
/* What is left must be between min and max arguments and no unknown option ("-" alone is none; a "--" is removed).
 * CMD_OK, or CMD_USAGE after saying what is wrong. */
int cmd_take_end(int *argc, char **argv, int min, int max) RC_MUST;
/* --database CONNINFO or the environment's; says what is missing. */
int cmd_take_database(int *argc, char **argv, const char **conninfo) RC_MUST;
/* Says on standard error what is wrong and how the command is used; returns CMD_USAGE. */
int cmd_usage(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* "khop noun verb: …" on standard error; returns CMD_FAILED. */
int cmd_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* --- filters --- */

/* The longest line that a filter reads; of a longer one the rest is skipped and `too_long` is set. */
#define CMD_LINE_MAX (2u << 20)

struct cmd_line {
    struct slice text; /* without its line end ("\n" or "\r\n"); any bytes, also NUL */
    bool too_long;     /* then text is empty */
};

/* Writes one answer, without line end and without a line end in it. Returns whether the line was answered well; only
 * the form with a single argument uses that, for its exit code. */
typedef bool cmd_answer_fn(const struct cmd_line *line, struct buf *out, void *arg);

/* Standard input to standard output, line by line. Answers leave when enough have come together and always before the
 * filter would wait for more input, so that somebody who writes one line gets its answer at once. CMD_OK when every
 * line was answered, whatever the answers say; CMD_FAILED when reading or writing failed. */
int cmd_filter(cmd_answer_fn *answer, void *arg);
/* The same for one argument instead of standard input: CMD_OK or CMD_FAILED as the answer says. "-" is cmd_filter. */
int cmd_filter_or_one(const char *argument, cmd_answer_fn *answer, void *arg);

/* Appends the value as one line of JSON, and releases it. NULL (no memory) gives {"ok":false,"error":"no_memory"}. */
void cmd_json(struct buf *out, json_t *value);
/* One JSON object of a line: duplicate keys and anything behind it are refused. NULL: *why is a plain sentence. */
json_t *cmd_json_object(struct slice text, const char **why);

#endif
