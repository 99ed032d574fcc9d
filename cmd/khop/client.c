#include "client.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "khop/base/banned.h"

#define CONNECT_S 5L
#define TOTAL_S   35L /* longer than a server's own deadline */
#define UPLOAD_S  130L
#define UPLOAD    (256u << 10) /* a body over this is a file */

struct client {
    CURL *curl;
    char error[CURL_ERROR_SIZE];
};

struct client *client_new(void)
{
    struct client *c = calloc(1, sizeof *c);

    if (c == NULL)
        return NULL;
    c->curl = curl_easy_init();
    if (c->curl == NULL) {
        free(c);
        return NULL;
    }
    return c;
}

void client_free(struct client *c)
{
    if (c == NULL)
        return;
    curl_easy_cleanup(c->curl);
    free(c);
}

static size_t take_answer(char *bytes, size_t size, size_t n, void *arg)
{
    struct buf *answer = arg;

    buf_put(answer, bytes, size * n);
    return answer->failed ? 0 : size * n;
}

/* Where an answer goes: a file when it is one, else to be read. */
struct taking {
    CURL *curl;
    FILE *to;
    struct buf *answer;
    bool file;
};

static size_t take_file(char *bytes, size_t size, size_t n, void *arg)
{
    struct taking *t = arg;
    char *type = NULL;
    long status = 0;

    curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(t->curl, CURLINFO_CONTENT_TYPE, &type);
    t->file = status == 200 && type != NULL && strstr(type, "json") == NULL;
    return t->file ? fwrite(bytes, size, n, t->to) * size : take_answer(bytes, size, n, t->answer);
}

static struct curl_slist *header_list(const struct client_header *headers, size_t n)
{
    struct curl_slist *list = curl_slist_append(NULL, "Expect:");

    for (size_t i = 0; i < n && list != NULL; i++) {
        char line[4096];
        struct curl_slist *longer;

        if (snprintf(line, sizeof line, "%s: %.*s", headers[i].name, SLICE_FMT(headers[i].value)) >= (int)sizeof line)
            longer = NULL;
        else
            longer = curl_slist_append(list, line);
        if (longer == NULL)
            curl_slist_free_all(list);
        list = longer;
    }
    return list;
}

static void set_up(struct client *c, const char *url, struct curl_slist *list)
{
    curl_easy_reset(c->curl);
    curl_easy_setopt(c->curl, CURLOPT_URL, url);
    curl_easy_setopt(c->curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(c->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c->curl, CURLOPT_CONNECTTIMEOUT, CONNECT_S);
    curl_easy_setopt(c->curl, CURLOPT_ERRORBUFFER, c->error);
    c->error[0] = '\0';
}

int client_call(struct client *c, const char *url, const struct client_header *headers, size_t n, struct slice body,
                long *status, struct buf *answer, const char **why)
{
    struct curl_slist *list = header_list(headers, n);
    CURLcode code;

    *status = 0;
    *why = "no memory, or a header that is too long";
    if (list == NULL)
        return RC_NOMEM;
    set_up(c, url, list);
    curl_easy_setopt(c->curl, CURLOPT_TIMEOUT, body.n > UPLOAD ? UPLOAD_S : TOTAL_S);
    curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, take_answer);
    curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, answer);
    if (body.p != NULL) {
        curl_easy_setopt(c->curl, CURLOPT_POST, 1L);
        curl_easy_setopt(c->curl, CURLOPT_POSTFIELDS, body.p);
        curl_easy_setopt(c->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.n);
    }
    code = curl_easy_perform(c->curl);
    curl_slist_free_all(list);
    if (code != CURLE_OK) {
        *why = c->error[0] != '\0' ? c->error : curl_easy_strerror(code);
        return RC_UNAVAILABLE;
    }
    curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, status);
    return RC_OK;
}

int client_take_options(int *argc, char **argv, struct client_options *o)
{
    *o = (struct client_options){ .url = getenv("KHOP_URL"), .token = getenv("KHOP_TOKEN") };
    o->json = cmd_take_flag(argc, argv, "--json");
    if (cmd_take_value(argc, argv, "--url", &o->url) < 0 || cmd_take_value(argc, argv, "--token", &o->token) < 0)
        return cmd_usage("--url and --token need a value");
    if (o->url == NULL)
        return cmd_usage("where is the server? --url URL, or KHOP_URL in the environment");
    if (o->token == NULL)
        return cmd_usage("who asks? --token TOKEN, or KHOP_TOKEN in the environment");
    return CMD_OK;
}

static void say_problem(const json_t *problem, long status)
{
    const char *title = json_string_value(json_object_get(problem, "title"));
    const char *detail = json_string_value(json_object_get(problem, "detail"));
    json_t *e;
    size_t i;

    cmd_fail("the server answered %ld: %s%s%s", status, title != NULL ? title : "no reason given", detail != NULL ? ". " : "",
             detail != NULL ? detail : "");
    json_array_foreach(json_object_get(problem, "errors"), i, e)
    {
        const char *pointer = json_string_value(json_object_get(e, "pointer")),
                   *at = pointer != NULL ? pointer : json_string_value(json_object_get(e, "parameter")),
                   *what = json_string_value(json_object_get(e, "detail"));

        fprintf(stderr, "  %s: %s\n", at != NULL ? at : "?", what != NULL ? what : "?");
    }
}

static json_t *api_answer(const struct buf *answer, long status)
{
    const char *why;
    json_t *doc = answer->n == 0 ? json_object() : cmd_json_object(buf_slice(answer), &why);

    if (status >= 200 && status < 300 && doc != NULL)
        return doc;
    if (doc == NULL)
        cmd_fail("the server answered %ld with something that is not JSON; is --url right?", status);
    else
        say_problem(doc, status);
    json_decref(doc);
    return NULL;
}

json_t *client_api_send(const struct client_options *o, const char *path, const char *type, struct slice body,
                        const char *idempotency_key)
{
    struct client_header headers[3];
    char url[2048], token[256];
    struct client *c = client_new();
    const char *why = "no memory";
    json_t *doc = NULL;
    struct buf answer;
    long status = 0;
    size_t n = 0;

    buf_init(&answer, CLIENT_ANSWER_MAX);
    snprintf(url, sizeof url, "%s%s", o->url, path);
    snprintf(token, sizeof token, "Bearer %s", o->token);
    headers[n++] = (struct client_header){ "Authorization", slice_of(token) };
    if (body.p != NULL)
        headers[n++] = (struct client_header){ "Content-Type", slice_of(type) };
    if (idempotency_key != NULL)
        headers[n++] = (struct client_header){ "Idempotency-Key", slice_of(idempotency_key) };
    if (c == NULL || client_call(c, url, headers, n, body, &status, &answer, &why) < 0)
        cmd_fail("cannot reach %s: %s", o->url, why);
    else
        doc = api_answer(&answer, status);
    buf_release(&answer);
    client_free(c);
    return doc;
}

json_t *client_api(const struct client_options *o, const char *path, json_t *body, const char *idempotency_key)
{
    char *text = body == NULL ? NULL : json_dumps(body, JSON_COMPACT);
    json_t *doc = NULL;

    if (body != NULL && text == NULL)
        cmd_fail("no memory");
    else
        doc = client_api_send(o, path, "application/json", slice_of(text), idempotency_key);
    free(text);
    json_decref(body);
    return doc;
}

int client_api_file(const struct client_options *o, const char *path, FILE *to, json_t **doc)
{
    struct client *c = client_new();
    struct client_header header = { "Authorization", { 0 } };
    struct curl_slist *list = NULL;
    struct taking taking = { .to = to };
    char url[2048], token[256];
    struct buf answer;
    long status = 0;
    CURLcode code = CURLE_OUT_OF_MEMORY;

    *doc = NULL;
    buf_init(&answer, CLIENT_ANSWER_MAX);
    snprintf(url, sizeof url, "%s%s", o->url, path);
    snprintf(token, sizeof token, "Bearer %s", o->token);
    header.value = slice_of(token);
    if (c != NULL)
        list = header_list(&header, 1);
    if (list != NULL) {
        set_up(c, url, list);
        taking.curl = c->curl;
        taking.answer = &answer;
        curl_easy_setopt(c->curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
        curl_easy_setopt(c->curl, CURLOPT_LOW_SPEED_TIME, TOTAL_S);
        curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, take_file);
        curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, &taking);
        code = curl_easy_perform(c->curl);
        curl_slist_free_all(list);
        curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
    }
    if (code == CURLE_WRITE_ERROR)
        cmd_fail("what came could not be written");
    else if (code != CURLE_OK)
        cmd_fail("cannot reach %s: %s", o->url, c != NULL && c->error[0] != '\0' ? c->error : curl_easy_strerror(code));
    else if (!taking.file)
        *doc = api_answer(&answer, status);
    buf_release(&answer);
    client_free(c);
    return code == CURLE_OK && (taking.file || *doc != NULL) ? CMD_OK : CMD_FAILED;
}
