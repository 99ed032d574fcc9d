/* khop code create|show|cancel: payment codes through the API. */
#include "client.h"

#include "khop/base/enc.h"
#include "khop/base/num.h"
#include "khop/crypto/crypto.h"
#include "khop/print/qr.h"

#include <stdio.h>
#include <unistd.h>

#include "khop/base/banned.h"

static const char *text_of(const json_t *doc, const char *name)
{
    const char *text = json_string_value(json_object_get(doc, name));

    return text != NULL ? text : "-";
}

static void draw(const json_t *doc)
{
    struct print_qr qr;
    struct buf out;

    if (print_qr_make(&qr, slice_of(text_of(doc, "payload")), PRINT_QR_M) < 0)
        return;
    buf_init(&out, 1 << 20);
    print_qr_terminal(&out, &qr);
    fwrite(out.p == NULL ? "" : out.p, 1, out.n, stdout);
    buf_release(&out);
    print_qr_release(&qr);
}

static int show(json_t *doc, bool json, bool qr)
{
    if (doc == NULL)
        return CMD_FAILED;
    if (json) {
        char *text = json_dumps(doc, JSON_COMPACT);

        if (text != NULL)
            puts(text);
        free(text);
    } else {
        const json_t *amount = json_object_get(doc, "amount");

        printf("%s  %s  %s  ", text_of(doc, "code"), text_of(doc, "kind"), text_of(doc, "status"));
        if (json_is_integer(amount))
            printf("%lld VND, paid %lld\n", (long long)json_integer_value(amount),
                   (long long)json_integer_value(json_object_get(doc, "paid")));
        else
            printf("any amount, paid %lld VND\n", (long long)json_integer_value(json_object_get(doc, "paid")));
        printf("%s\n", text_of(doc, "pay_url"));
        if (qr)
            draw(doc);
    }
    json_decref(doc);
    return CMD_OK;
}

static int take_request(int *argc, char **argv, json_t *body)
{
    static const char *const options[][2] = { { "--account", "account" }, { "--kind", "kind" }, { "--label", "label" },
                                              { "--due-on", "due_on" },   { "--expires-at", "expires_at" } };
    const char *amount = NULL, *payer = NULL, *payer_ref = NULL;
    int64_t number;

    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        const char *value = NULL;

        if (cmd_take_value(argc, argv, options[i][0], &value) < 0)
            return cmd_usage("%s needs a value", options[i][0]);
        if (value != NULL)
            json_object_set_new(body, options[i][1], json_string(value));
    }
    if (cmd_take_value(argc, argv, "--amount", &amount) < 0 || cmd_take_value(argc, argv, "--payer", &payer) < 0 ||
        cmd_take_value(argc, argv, "--payer-ref", &payer_ref) < 0)
        return cmd_usage("an option needs a value");
    if (amount != NULL && num_parse(slice_of(amount), 1, INT64_C(999999999999), false, &number) < 0)
        return cmd_usage("--amount is a whole number of đồng");
    if (amount != NULL)
        json_object_set_new(body, "amount", json_integer(number));
    if (payer != NULL || payer_ref != NULL)
        json_object_set_new(body, "payer", json_pack("{s:s?, s:s?}", "name", payer, "ref", payer_ref));
    if (json_object_get(body, "account") == NULL || json_object_get(body, "kind") == NULL)
        return cmd_usage("--account and --kind are needed");
    return CMD_OK;
}

static int random_key(char out[33])
{
    uint8_t random[16];
    struct buf text;

    if (crypto_init() < 0 || crypto_random(random, sizeof random) < 0)
        return cmd_fail("the system gives no random numbers");
    buf_init(&text, 64);
    enc_hex(&text, random, sizeof random);
    snprintf(out, 33, "%s", text.failed ? "" : text.p);
    buf_release(&text);
    return CMD_OK;
}

int cmd_code_create(int argc, char **argv)
{
    const char *key = NULL;
    struct client_options o;
    bool qr = cmd_take_flag(&argc, argv, "--qr");
    char fresh[33];
    json_t *body;
    int code = client_take_options(&argc, argv, &o);

    if (code != CMD_OK)
        return code;
    if (cmd_take_value(&argc, argv, "--key", &key) < 0)
        return cmd_usage("--key needs a value");
    body = json_object();
    code = take_request(&argc, argv, body);
    if (code == CMD_OK)
        code = cmd_take_end(&argc, argv, 0, 0);
    if (code == CMD_OK && key == NULL) {
        code = random_key(fresh);
        key = fresh;
    }
    if (code != CMD_OK) {
        json_decref(body);
        return code;
    }
    return show(client_api(&o, "/api/v1/codes", body, key), o.json, qr);
}

int cmd_code_show(int argc, char **argv)
{
    struct client_options o;
    bool qr = cmd_take_flag(&argc, argv, "--qr");
    char path[256];
    int code = client_take_options(&argc, argv, &o);

    if (code == CMD_OK)
        code = cmd_take_end(&argc, argv, 1, 1);
    if (code != CMD_OK)
        return code;
    snprintf(path, sizeof path, "/api/v1/codes/%s", argv[0]);
    return show(client_api(&o, path, NULL, NULL), o.json, qr);
}

int cmd_code_cancel(int argc, char **argv)
{
    const char *reason = NULL;
    struct client_options o;
    char path[256];
    int code = client_take_options(&argc, argv, &o);

    if (code != CMD_OK)
        return code;
    if (cmd_take_value(&argc, argv, "--reason", &reason) < 0)
        return cmd_usage("--reason needs a value");
    code = cmd_take_end(&argc, argv, 1, 1);
    if (code != CMD_OK)
        return code;
    snprintf(path, sizeof path, "/api/v1/codes/%s/cancel", argv[0]);
    return show(client_api(&o, path, json_pack("{s:s?}", "reason", reason), NULL), o.json, false);
}
