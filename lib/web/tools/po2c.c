/* Runs at build: catalogues to a table in C.
 *
 *   po2c OUTPUT vi/pay.po vi/site.po en/pay.po en/site.po …
 *
 * The folder is the language; a language's files stand together. The first language is the default and decides which keys there are.
 *
 * Reads the part of gettext's format that the catalogues use: comments, msgid and msgstr with continued strings and the
 * escapes \n \t \" \\. An entry without text, a key twice, a key more or less than in the first file ends the build. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "khop/base/banned.h"

#define KEYS_MAX      4000
#define TEXT_MAX      4000
#define LANGUAGES_MAX 32
#define TAG_MAX       32

struct entry {
    char *key, *text;
};

struct catalogue {
    char tag[TAG_MAX];
    struct entry entries[KEYS_MAX];
    size_t count;
};

struct reader {
    const char *path;
    int line;
    char key[TEXT_MAX], text[TEXT_MAX];
    bool has_key, has_text;
};

static _Noreturn void stop(const char *path, int line, const char *what, const char *detail)
{
    fprintf(stderr, "%s:%d: error: %s%s%s\n", path, line, what, detail[0] != '\0' ? ": " : "", detail);
    exit(1);
}

/* Appends the string between the quotes of a line, unescaped. */
static void string_append(const struct reader *r, char *to, const char *line)
{
    const char *p = strchr(line, '"');
    size_t n = strlen(to);

    if (p == NULL)
        stop(r->path, r->line, "a string is expected", line);
    for (p++; *p != '"'; p++) {
        char c = *p;

        if (c == '\\') {
            c = *++p;
            c = c == 'n' ? '\n' : c == 't' ? '\t' : c;
        }
        if (c == '\0' || c == '\r')
            stop(r->path, r->line, "a string is not closed", line);
        if (n + 1 >= TEXT_MAX)
            stop(r->path, r->line, "a text is too long", "");
        to[n++] = c;
        to[n] = '\0';
    }
}

/* An entry is complete; the first one (msgid "") is the header. */
static void entry_end(struct reader *r, struct catalogue *c)
{
    if (!r->has_key)
        return;
    if (!r->has_text || (r->key[0] != '\0' && r->text[0] == '\0'))
        stop(r->path, r->line, "an entry without a text", r->key);
    if (r->key[0] != '\0') {
        if (c->count == KEYS_MAX)
            stop(r->path, r->line, "too many entries", "");
        c->entries[c->count].key = strdup(r->key);
        c->entries[c->count].text = strdup(r->text);
        if (c->entries[c->count].key == NULL || c->entries[c->count].text == NULL)
            stop(r->path, r->line, "no memory", "");
        c->count++;
    }
    r->has_key = r->has_text = false;
    r->key[0] = r->text[0] = '\0';
}

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->key, ((const struct entry *)b)->key);
}

/* The name of the folder that a file is in. */
static void tag_of(const char *path, char tag[TAG_MAX])
{
    const char *end = strrchr(path, '/'), *start = end;

    if (end == NULL)
        stop(path, 0, "is in no folder that names its language", "");
    while (start > path && start[-1] != '/')
        start--;
    snprintf(tag, TAG_MAX, "%.*s", (int)(end - start), start);
}

static void file_read(struct catalogue *c, const char *path)
{
    static struct reader r;
    char line[TEXT_MAX];
    FILE *f = fopen(path, "r");

    r = (struct reader){ .path = path };
    if (f == NULL)
        stop(path, 0, "cannot be opened", "");
    while (fgets(line, sizeof line, f) != NULL) {
        r.line++;
        if (strncmp(line, "msgid ", 6) == 0) {
            entry_end(&r, c);
            r.has_key = true;
            string_append(&r, r.key, line);
        } else if (strncmp(line, "msgstr ", 7) == 0) {
            r.has_text = true;
            string_append(&r, r.text, line);
        } else if (line[0] == '"') {
            string_append(&r, r.has_text ? r.text : r.key, line);
        } else if (line[0] != '#' && line[0] != '\n') {
            stop(path, r.line, "what is this", line);
        }
    }
    entry_end(&r, c);
    fclose(f);
}

static void catalogue_end(struct catalogue *c)
{
    qsort(c->entries, c->count, sizeof c->entries[0], by_key);
    for (size_t i = 1; i < c->count; i++) {
        if (strcmp(c->entries[i - 1].key, c->entries[i].key) == 0)
            stop(c->tag, 0, "a key twice", c->entries[i].key);
    }
}

static void same_keys(const struct catalogue *first, const struct catalogue *c)
{
    for (size_t i = 0; i < first->count || i < c->count; i++) {
        if (i >= c->count || (i < first->count && strcmp(first->entries[i].key, c->entries[i].key) < 0))
            stop(c->tag, 0, "a text is missing", first->entries[i].key);
        if (i >= first->count || strcmp(first->entries[i].key, c->entries[i].key) > 0)
            stop(c->tag, 0, "a text that the default language has not", c->entries[i].key);
    }
}

static void string_write(FILE *f, const char *text)
{
    fputs("    \"", f);
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            fprintf(f, "\\%c", *text);
        else if (*text == '\n')
            fputs("\\n", f);
        else
            fputc(*text, f);
    }
    fputs("\",\n", f);
}

static void table_write(FILE *f, const struct catalogue *c, int count)
{
    fprintf(f, "/* Made by po2c. */\n#include \"locale_table.h\"\n\n#include <stddef.h>\n\n#include \"khop/base/banned.h\"\n\n");
    fprintf(f, "const int locale_language_count = %d, locale_key_count = %zu;\n\n", count, c[0].count);
    fprintf(f, "const char *const locale_tags[] = {\n");
    for (int i = 0; i < count; i++)
        string_write(f, c[i].tag);
    fprintf(f, "};\n\nconst char *const locale_keys[] = {\n");
    for (size_t k = 0; k < c[0].count; k++)
        string_write(f, c[0].entries[k].key);
    fprintf(f, "};\n");
    for (int i = 0; i < count; i++) {
        fprintf(f, "\nstatic const char *const texts_%d[] = {\n", i);
        for (size_t k = 0; k < c[i].count; k++)
            string_write(f, c[i].entries[k].text);
        fprintf(f, "};\n");
    }
    fprintf(f, "\nconst char *const *const locale_texts[] = { ");
    for (int i = 0; i < count; i++)
        fprintf(f, "texts_%d, ", i);
    fprintf(f, "};\n");
}

int main(int argc, char **argv)
{
    static struct catalogue catalogues[LANGUAGES_MAX];
    int count = 0;

    if (argc < 3) {
        fprintf(stderr, "usage: po2c OUTPUT vi/pay.po …\n");
        return 2;
    }
    for (int i = 2; i < argc; i++) {
        char tag[TAG_MAX];

        tag_of(argv[i], tag);
        if (count == 0 || strcmp(catalogues[count - 1].tag, tag) != 0) {
            if (count == LANGUAGES_MAX)
                stop(argv[i], 0, "too many languages", "");
            memcpy(catalogues[count++].tag, tag, TAG_MAX);
        }
        file_read(&catalogues[count - 1], argv[i]);
    }
    for (int i = 0; i < count; i++) {
        catalogue_end(&catalogues[i]);
        same_keys(&catalogues[0], &catalogues[i]);
    }
    FILE *f = fopen(argv[1], "w");

    if (f == NULL)
        stop(argv[1], 0, "cannot be written", "");
    table_write(f, catalogues, count);
    return fclose(f) == 0 ? 0 : 1;
}
