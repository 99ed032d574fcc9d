/* khop: the command line. commands.c has the one table of names, help, usage and examples. */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"

#include "khop/base/banned.h"

static const struct cmd *current;

/* --- messages --- */

static void say_name(const struct cmd *c, FILE *to)
{
    fprintf(to, "khop %s%s%s", c->noun, c->verb != NULL ? " " : "", c->verb != NULL ? c->verb : "");
}

static void say(const char *fmt, va_list ap)
{
    if (current != NULL) {
        say_name(current, stderr);
        fputs(": ", stderr);
    } else {
        fputs("khop: ", stderr);
    }
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
}

int cmd_fail(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    say(fmt, ap);
    va_end(ap);
    return CMD_FAILED;
}

int cmd_usage(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    say(fmt, ap);
    va_end(ap);
    if (current != NULL) {
        fputs("usage: ", stderr);
        say_name(current, stderr);
        fprintf(stderr, " %s\n", current->usage);
    } else {
        fputs("usage: khop NOUN [VERB] …; see khop help\n", stderr);
    }
    return CMD_USAGE;
}

/* --- help --- */

static int help_all(void)
{
    puts("khop: payment codes, VietQR, bank notices and receipts\n\n"
         "usage: khop NOUN [VERB] [OPTION…] [ARGUMENT…]\n");
    for (size_t i = 0; i < cmd_count; i++) {
        const struct cmd *c = &cmd_table[i];

        printf("  %-10s %-8s %s\n", c->noun, c->verb != NULL ? c->verb : "", c->help);
    }
    puts("\nkhop NOUN --help shows usage and examples; khop --version the version. \"-\" as argument reads lines from\n"
         "standard input and answers each with one line.\n"
         "exit: 0 ok, 1 failed, 2 wrong usage, 3 differences found or a proof that does not hold");
    return CMD_OK;
}

static void help_one(const struct cmd *c)
{
    say_name(c, stdout);
    printf(": %s\n\nusage: ", c->help);
    say_name(c, stdout);
    printf(" %s\n", c->usage);
    if (c->details != NULL)
        printf("\n%s", c->details);
    printf("\nexamples:\n%s", c->examples);
}

static int help_noun(const char *noun, const char *verb)
{
    int shown = 0;

    for (size_t i = 0; i < cmd_count; i++) {
        const struct cmd *c = &cmd_table[i];

        if (strcmp(c->noun, noun) != 0 || (verb != NULL && (c->verb == NULL || strcmp(c->verb, verb) != 0)))
            continue;
        if (shown++ > 0)
            putchar('\n');
        help_one(c);
    }
    return shown > 0 ? CMD_OK : CMD_USAGE;
}

/* --- which command is meant --- */

#define WORD_MAX 32

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t m = a < b ? a : b;

    return m < c ? m : c;
}

/* Levenshtein distance; words over WORD_MAX are far from everything. */
static size_t distance(const char *a, const char *b)
{
    size_t row[WORD_MAX + 1], n = strlen(a), m = strlen(b);

    if (n > WORD_MAX || m > WORD_MAX)
        return WORD_MAX;
    for (size_t j = 0; j <= m; j++)
        row[j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t above = row[j];

            row[j] = min3(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[m];
}

static const char *word_of(const struct cmd *c, const char *noun)
{
    if (noun == NULL)
        return c->noun;
    return strcmp(c->noun, noun) == 0 ? c->verb : NULL;
}

/* The noun (noun == NULL) or the verb of that noun nearest to what was typed, if it is near. */
static const char *nearest(const char *typed, const char *noun)
{
    const char *best = NULL;
    size_t least = 3;

    for (size_t i = 0; i < cmd_count; i++) {
        const char *word = word_of(&cmd_table[i], noun);
        size_t d = word != NULL ? distance(typed, word) : WORD_MAX;

        if (d < least && d < strlen(typed)) {
            least = d;
            best = word;
        }
    }
    return best;
}

static bool is_noun(const char *word)
{
    for (size_t i = 0; i < cmd_count; i++)
        if (strcmp(cmd_table[i].noun, word) == 0)
            return true;
    return false;
}

static int unknown(const char *typed, const char *noun)
{
    const char *hint = nearest(typed, noun);

    fprintf(stderr, "khop: there is no command \"%s\"%s%s", typed, noun != NULL ? " of " : "", noun != NULL ? noun : "");
    if (hint != NULL)
        fprintf(stderr, "; do you mean \"khop %s%s%s\"?", noun != NULL ? noun : "", noun != NULL ? " " : "", hint);
    fprintf(stderr, "\nusage: khop %s …; see khop help\n", noun != NULL ? noun : "NOUN [VERB]");
    return CMD_USAGE;
}

static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* --help counts only in front of "--", so that a text can be given as it is. */
static bool wants_help(int argc, char **argv)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (is_help(argv[i]))
            return true;
    return false;
}

static int run(const struct cmd *c, int argc, char **argv)
{
    int code;

    current = c;
    if (wants_help(argc, argv)) {
        help_one(c);
        return CMD_OK;
    }
    code = c->run(argc, argv);
    if (fflush(stdout) != 0)
        return cmd_fail("the answer could not be written");
    return code;
}

/* argv[0] is the noun. */
static int dispatch(int argc, char **argv)
{
    const char *noun = argv[0];

    for (size_t i = 0; i < cmd_count; i++) {
        const struct cmd *c = &cmd_table[i];

        if (strcmp(c->noun, noun) != 0)
            continue;
        if (c->verb == NULL)
            return run(c, argc - 1, argv + 1);
        if (argc > 1 && strcmp(c->verb, argv[1]) == 0)
            return run(c, argc - 2, argv + 2);
    }
    if (!is_noun(noun))
        return unknown(noun, NULL);
    if (argc > 1 && is_help(argv[1]))
        return help_noun(noun, NULL);
    if (argc > 1)
        return unknown(argv[1], noun);
    fprintf(stderr, "khop %s: a verb is missing; see khop %s --help\n", noun, noun);
    return CMD_USAGE;
}

/* --- khop.1, made from the same table when the program is built --- */

static void roff_text(const char *text)
{
    bool line_start = true;

    for (const char *p = text; *p != '\0'; p++) {
        if (line_start && (*p == '.' || *p == '\''))
            fputs("\\&", stdout);
        if (*p == '\\')
            fputs("\\e", stdout);
        else if (*p == '-')
            fputs("\\-", stdout);
        else
            putchar(*p);
        line_start = *p == '\n';
    }
}

static int help_roff(void)
{
    fputs(".TH KHOP 1 \"\" \"Khop " KHOP_VERSION "\"\n.SH NAME\nkhop \\- payment codes, VietQR, bank notices and receipts\n"
          ".SH SYNOPSIS\n.B khop\nNOUN [VERB] [OPTION...] [ARGUMENT...]\n.SH COMMANDS\n", stdout);
    for (size_t i = 0; i < cmd_count; i++) {
        const struct cmd *c = &cmd_table[i];

        printf(".SS khop %s%s%s ", c->noun, c->verb != NULL ? " " : "", c->verb != NULL ? c->verb : "");
        roff_text(c->usage);
        putchar('\n');
        roff_text(c->help);
        fputs("\n.PP\n.nf\n", stdout);
        roff_text(c->details != NULL ? c->details : "");
        fputs(".fi\n.PP\nExamples:\n.PP\n.nf\n", stdout);
        roff_text(c->examples);
        fputs(".fi\n", stdout);
    }
    fputs(".SH \"EXIT STATUS\"\n0 ok, 1 failed, 2 wrong usage, 3 differences found or a proof that does not hold.\n"
          ".SH \"SEE ALSO\"\n.BR vietqr (3)\n", stdout);
    return CMD_OK;
}

static int help_command(int argc, char **argv)
{
    if (argc == 0)
        return help_all();
    if (strcmp(argv[0], "--roff") == 0)
        return help_roff();
    if (help_noun(argv[0], argc > 1 ? argv[1] : NULL) == CMD_OK)
        return CMD_OK;
    if (!is_noun(argv[0]))
        return unknown(argv[0], NULL);
    return unknown(argv[1], argv[0]);
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN);
    if (argc < 2) {
        fputs("usage: khop NOUN [VERB] [OPTION…] [ARGUMENT…]; see khop help\n", stderr);
        return CMD_USAGE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("khop " KHOP_VERSION);
        return CMD_OK;
    }
    if (strcmp(argv[1], "help") == 0 || is_help(argv[1]))
        return help_command(argc - 2, argv + 2);
    return dispatch(argc - 1, argv + 1);
}
