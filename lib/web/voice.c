#include "khop/web/voice.h"

#include "khop/base/buf.h"
#include "khop/base/enc.h"
#include "khop/crypto/crypto.h"

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "khop/base/banned.h"

#define PACKS_MAX 16
#define FILES_MAX 64
#define PACK_MAX  (120 * 1024) /* what a phone loads for it */
#define NAME_SIZE 64
#define PATH_SIZE 768
#define URL_SIZE  128

struct file {
    char name[NAME_SIZE]; /* with digits of its hash, so that it may be kept for ever */
    const char *type;
    struct buf bytes;
};

struct pack {
    char lang[16], url[URL_SIZE];
    struct file files[FILES_MAX + 1];
    size_t n, bytes;
};

static struct pack *packs[PACKS_MAX];
static size_t pack_count;

struct fault {
    char *text;
    size_t size;
};

static int fault(const struct fault *f, const char *lang, const char *what, const char *which)
{
    snprintf(f->text, f->size, "voice pack %s: %s%s%s", lang, what, which[0] != '\0' ? " " : "", which);
    return RC_BAD_INPUT;
}

static const char *type_of(const char *name)
{
    static const char *const TYPES[][2] = {
        { ".opus", "audio/ogg" }, { ".ogg", "audio/ogg" }, { ".m4a", "audio/mp4" }, { ".mp3", "audio/mpeg" }, { ".wav", "audio/wav" }, { ".json", "application/json" },
    };
    const char *ending = strrchr(name, '.');

    for (size_t i = 0; ending != NULL && i < sizeof TYPES / sizeof TYPES[0]; i++) {
        if (strcmp(ending, TYPES[i][0]) == 0)
            return TYPES[i][1];
    }
    return NULL;
}

/* Small letters, digits and -, with an ending: nothing that leads out of the folder. */
static bool name_right(const char *name)
{
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");

    return n > 0 && n < NAME_SIZE - 16 && name[n] == '.' && type_of(name) != NULL && strchr(name + n + 1, '.') == NULL;
}

static int read_whole(const char *path, size_t most, struct buf *out)
{
    char piece[4096];
    FILE *f = fopen(path, "rb");
    size_t n;

    if (f == NULL)
        return errno == ENOENT ? RC_NOT_FOUND : RC_IO;
    buf_init(out, most);
    while ((n = fread(piece, 1, sizeof piece, f)) > 0)
        buf_put(out, piece, n);
    fclose(f);
    return out->failed ? RC_TOO_LARGE : RC_OK;
}

/* Gives the file its name on the wire: ten digits of its hash in front. */
static int name_file(struct file *f, const char *name)
{
    uint8_t hash[SHA256_SIZE];
    struct buf hex;

    if (crypto_sha256(buf_slice(&f->bytes), hash) < 0)
        return RC_INTERNAL;
    buf_init(&hex, 2 * SHA256_SIZE + 1);
    enc_hex(&hex, hash, SHA256_SIZE);
    snprintf(f->name, sizeof f->name, "%.10s-%s", hex.p, name);
    buf_release(&hex);
    f->type = type_of(name);
    return RC_OK;
}

static int load_clip(struct pack *p, const char *dir, const char *name, const struct fault *why)
{
    struct file *f = &p->files[p->n];
    char path[PATH_SIZE];
    int rc;

    if (!name_right(name))
        return fault(why, p->lang, "this is no name of a clip (small letters, digits, -; .opus .ogg .m4a .mp3 .wav):", name);
    if (p->n == FILES_MAX)
        return fault(why, p->lang, "there are too many clips", "");
    snprintf(path, sizeof path, "%s/%s/%s", dir, p->lang, name);
    rc = read_whole(path, PACK_MAX - p->bytes, &f->bytes);
    if (rc == RC_NOT_FOUND)
        return fault(why, p->lang, "there is no file", name);
    if (rc == RC_TOO_LARGE)
        return fault(why, p->lang, "all clips together are larger than 120 KiB, from", name);
    if (rc < 0)
        return fault(why, p->lang, "cannot read", name);
    p->bytes += f->bytes.n;
    p->n++;
    return name_file(f, name);
}

static int load_clips(struct pack *p, const char *dir, json_t *clips, const struct fault *why)
{
    const char *word;
    json_t *name;

    json_object_foreach(clips, word, name) {
        int rc = json_is_string(name) ? load_clip(p, dir, json_string_value(name), why) : fault(why, p->lang, "the clip of a word must be a name:", word);

        if (rc < 0)
            return rc;
        json_object_set_new(clips, word, json_sprintf("/voice/%s/%s", p->lang, p->files[p->n - 1].name));
    }
    return p->n > 0 ? RC_OK : fault(why, p->lang, "pack.json has no clips", "");
}

static int check(const struct pack *p, const json_t *doc, const struct fault *why)
{
    static const char *const SAYS[] = { "free", "full", "short", "over" };
    const char *lang = json_string_value(json_object_get(doc, "lang"));

    if (lang == NULL || strcmp(lang, p->lang) != 0)
        return fault(why, p->lang, "lang in pack.json must be the name of the folder", "");
    for (size_t i = 0; i < sizeof SAYS / sizeof SAYS[0]; i++) {
        if (!json_is_string(json_object_get(json_object_get(doc, "say"), SAYS[i])))
            return fault(why, p->lang, "pack.json has under say no sentence", SAYS[i]);
    }
    if (strcmp(p->lang, "vi") != 0 && !json_is_object(json_object_get(json_object_get(doc, "numbers"), "main")))
        return fault(why, p->lang, "pack.json has no rules for numbers", "");
    return RC_OK;
}

static int add_document(struct pack *p, const json_t *doc)
{
    struct file *f = &p->files[p->n];
    char *text = json_dumps(doc, JSON_COMPACT);
    int rc;

    if (text == NULL)
        return RC_NOMEM;
    buf_init(&f->bytes, PACK_MAX);
    buf_puts(&f->bytes, text);
    free(text);
    if (f->bytes.failed)
        return RC_TOO_LARGE;
    p->n++;
    rc = name_file(f, "pack.json");
    snprintf(p->url, sizeof p->url, "/voice/%s/%s", p->lang, f->name);
    return rc;
}

static int load_pack(struct pack *p, const char *dir, const char *lang, const struct fault *why)
{
    char path[PATH_SIZE], where[200];
    json_error_t error;
    json_t *doc;
    int rc;

    snprintf(p->lang, sizeof p->lang, "%s", lang);
    snprintf(path, sizeof path, "%s/%s/pack.json", dir, lang);
    doc = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (doc == NULL) {
        snprintf(where, sizeof where, "line %d: %s", error.line, error.text);
        return fault(why, lang, "pack.json cannot be read:", where);
    }
    rc = check(p, doc, why);
    if (rc == RC_OK)
        rc = load_clips(p, dir, json_object_get(doc, "clips"), why);
    if (rc == RC_OK)
        rc = add_document(p, doc);
    json_decref(doc);
    return rc;
}

/* The last one. */
static void pack_drop(void)
{
    struct pack *p = packs[--pack_count];

    for (size_t i = 0; i < sizeof p->files / sizeof p->files[0]; i++)
        buf_release(&p->files[i].bytes);
    free(p);
}

/* A language tag, as the folders of texts are called. */
static bool is_tag(const char *name)
{
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");

    return n >= 2 && n < sizeof((struct pack *)0)->lang && name[n] == '\0';
}

int web_voice_load(const char *dir, char *error, size_t error_size)
{
    const struct fault why = { error, error_size };
    const struct dirent *entry;
    int rc = RC_OK;
    DIR *d;

    if (dir == NULL || dir[0] == '\0')
        return RC_OK;
    d = opendir(dir);
    if (d == NULL) {
        snprintf(error, error_size, "voice_dir: cannot read %s: %s", dir, strerror(errno));
        return RC_BAD_INPUT;
    }
    while ((entry = readdir(d)) != NULL) {
        struct pack *p;
        int one;

        if (!is_tag(entry->d_name))
            continue;
        p = pack_count == PACKS_MAX ? NULL : calloc(1, sizeof *p);
        if (p == NULL) {
            rc = fault(&why, entry->d_name, "there is no room for it", "");
            break;
        }
        packs[pack_count++] = p;
        one = load_pack(p, dir, entry->d_name, &why);
        if (one < 0) {
            pack_drop();
            rc = one;
        }
    }
    closedir(d);
    return rc;
}

void web_voice_free(void)
{
    while (pack_count > 0)
        pack_drop();
}

static const struct pack *pack_find(struct slice lang)
{
    for (size_t i = 0; i < pack_count; i++) {
        if (slice_is(lang, packs[i]->lang))
            return packs[i];
    }
    return NULL;
}

const char *web_voice_url(const char *lang)
{
    const struct pack *p = pack_find(slice_of(lang));

    return p == NULL ? NULL : p->url;
}

int web_voice(struct req *rq)
{
    const struct pack *p = pack_find(rq->params[0]);

    for (size_t i = 0; p != NULL && i < p->n; i++) {
        if (slice_is(rq->params[1], p->files[i].name))
            return reply_static(rq, p->files[i].type, buf_slice(&p->files[i].bytes), false);
    }
    return RC_NOT_FOUND;
}
