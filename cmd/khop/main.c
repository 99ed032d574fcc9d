/* khop: the command line. The table below is the one source of names, help, usage and examples. */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"

#include "khop/base/banned.h"

#define PLACE_COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct cmd commands[] = {
    { "code", "find", "find payment codes in a transfer memo", "MEMO | -",
      "Every line (a memo, as the bank gives it) is answered with\n"
      "  {\"codes\":[{\"code\":\"SB7M4QX2C\",\"how\":\"exact\"}]}\n"
      "how: exact, joined (spaces or punctuation stood inside) or repaired (one character wrong, missing, extra or two\n"
      "swapped). A line that cannot be read has no codes and says why: {\"codes\":[],\"error\":\"…\"}.\n",
      "  khop code find 'CK tu NGUYEN VAN A SB7M4QX2C tien an'\n"
      "  khop code find - < memos.txt\n",
      cmd_code_find },
#ifdef KHOP_NOTICE_CHECK
    { "notice", "check", "decode a bank notice exactly as the server does", "JSON | -",
      "In: {\"provider\",\"mode\",\"secret\",\"now\",\"path\",\"headers\":{},\"body\"}. Out: the verdict (accept, hold,\n"
      "ignore or reject), its reason, and the events found.\n",
      "  khop notice check - < notices.jsonl\n", cmd_notice_check },
#endif
    { "vietqr", "decode", "read a VietQR payload", "[--lenient] [--hex] PAYLOAD | -",
      "Every payload is answered with {\"ok\":true,…} or {\"ok\":false,\"error\",\"kind\",\"field\",\"detail\"}; kind says what\n"
      "else the text may be. man 3 vietqr lists the errors and warnings.\n"
      "  --lenient  accept what real bank apps print against the rules, with a warning\n"
      "  --hex      the payload's bytes are given in hex\n",
      "  khop vietqr decode --lenient \"$(zbarimg -q --raw photo.png)\"\n"
      "  khop vietqr decode - < payloads.txt\n",
      cmd_vietqr_decode },
    { "vietqr", "draw", "draw a QR code on the terminal or as a file", "[--level L|M|Q|H] [--svg | --png] TEXT",
      "Without --svg or --png the code is drawn with half blocks, black on white whatever the terminal's colours.\n"
      "Images go to standard output.\n",
      "  khop vietqr draw https://example.org/p/abc\n"
      "  khop vietqr draw --png \"$payload\" > code.png\n",
      cmd_vietqr_draw },
    { "vietqr", "encode", "make a VietQR payload", "JSON | -",
      "In: {\"bin\",\"account\",\"amount\",\"purpose\",\"service\",\"method\"}, all but bin and account optional. amount is an\n"
      "integer or a text of digits; service is QRIBFTTA (an account) or QRIBFTTC (a card); method is static or dynamic\n"
      "and follows from the amount when absent. The purpose goes in as it is given: printable ASCII, 1 to 25 characters.\n"
      "Out: {\"ok\":true,\"payload\"} or {\"ok\":false,\"error\",\"detail\"}. What decode answers is accepted, too.\n",
      "  khop vietqr encode '{\"bin\":\"970405\",\"account\":\"7900123450011\",\"amount\":180000,\"purpose\":\"SB7M4QX2C\"}'\n"
      "  khop vietqr encode - < wanted.jsonl\n",
      cmd_vietqr_encode },
    { "words", NULL, "an amount in Vietnamese words", "INTEGER | -",
      "0 to 999999999999999, digits only. A line that is no such number is answered with \"error: …\".\n",
      "  khop words 936000\n"
      "  seq 0 1000 | khop words -\n",
      cmd_words },
};

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
    for (size_t i = 0; i < PLACE_COUNT(commands); i++) {
        const struct cmd *c = &commands[i];

        printf("  %-8s %-8s %s\n", c->noun, c->verb != NULL ? c->verb : "", c->help);
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

    for (size_t i = 0; i < PLACE_COUNT(commands); i++) {
        const struct cmd *c = &commands[i];

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

    for (size_t i = 0; i < PLACE_COUNT(commands); i++) {
        const char *word = word_of(&commands[i], noun);
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
    for (size_t i = 0; i < PLACE_COUNT(commands); i++)
        if (strcmp(commands[i].noun, word) == 0)
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

    for (size_t i = 0; i < PLACE_COUNT(commands); i++) {
        const struct cmd *c = &commands[i];

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

static int help_command(int argc, char **argv)
{
    if (argc == 0)
        return help_all();
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
