/* khop_load seed …            SQL for a world of organisations, accounts and connections
 * khop_load settle|codes|get  puts load on a server and prints one line of JSON
 * khop_load idle              opens connections and keeps them */
#include "load.h"

#include "khop/base/num.h"
#include "khop/crypto/crypto.h"

#include <stdio.h>
#include <stdlib.h>

#include "khop/base/banned.h"

struct options {
    const char *what, *field_key, *address;
    struct load_want want;
    struct load_run run;
    int64_t connections, port, seconds, repeats, one_org, tls;
};

static bool take(struct options *o, const char *name, const char *value)
{
    const struct {
        const char *name;
        int64_t *number;
        const char **text;
    } table[] = {
        { "--orgs", &o->want.world.orgs, NULL },     { "--codes", &o->want.world.codes, NULL },
        { "--buckets", &o->want.world.buckets, NULL }, { "--first", &o->want.first, NULL },
        { "--n", &o->want.n, NULL },                 { "--repeats", &o->repeats, NULL },
        { "--one-org", &o->one_org, NULL },          { "--connections", &o->connections, NULL },
        { "--port", &o->port, NULL },                { "--seconds", &o->seconds, NULL },
        { "--rate", &o->run.rate, NULL },            { "--tls", &o->tls, NULL },
        { "--field-key", NULL, &o->field_key },      { "--token", NULL, &o->want.token },
        { "--paths", NULL, &o->want.paths },         { "--stop", &o->run.stop, NULL },
        { "--paid-at", &o->want.paid_at, NULL },
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (strcmp(name, table[i].name) != 0)
            continue;
        if (table[i].text != NULL)
            *table[i].text = value;
        return table[i].text != NULL || num_parse(slice_of(value), 0, INT64_MAX, false, table[i].number) == RC_OK;
    }
    return false;
}

static int report(const struct load_result *r)
{
    printf("{\"ok\":%llu,\"bad\":%llu,\"broken\":%llu,\"first_bad_status\":%d,\"seconds\":%.3f,\"per_second\":%.0f,"
           "\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"p999_ms\":%.3f,\"client_cpu\":%.3f}\n",
           (unsigned long long)r->ok, (unsigned long long)r->bad, (unsigned long long)r->broken, r->first_bad_status, r->seconds,
           (double)r->ok / r->seconds, load_percentile(r, 0.5), load_percentile(r, 0.99), load_percentile(r, 0.999), r->client_cpu);
    return r->ok > 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    static struct load_result result;
    struct options o = { .what = argc > 1 ? argv[1] : "", .connections = 64, .port = 8080, .seconds = 60, .repeats = 1,
                         .want = { .world = { 300, 1000000, 2 }, .n = 100000, .host = "127.0.0.1" } };
    struct load_plan plan = { 0 };
    bool planned;

    for (int i = 2; i < argc; i += 2) {
        if (i + 1 >= argc || !take(&o, argv[i], argv[i + 1])) {
            fprintf(stderr, "khop_load: cannot use %s\n", argv[i]);
            return 2;
        }
    }
    if (crypto_init() < 0)
        return 1;
    if (strcmp(o.what, "seed") == 0)
        return o.field_key == NULL ? 2 : load_seed(&o.want.world, o.field_key);
    o.want.repeats = (int)o.repeats;
    o.want.one_org = o.one_org != 0;
    o.run.address = "127.0.0.1";
    o.run.port = (int)o.port;
    o.run.connections = (int)o.connections;
    o.run.seconds = (double)o.seconds;
    o.run.tls = o.tls != 0;
    if (strcmp(o.what, "idle") == 0)
        return load_idle(&o.run) ? 0 : 1;
    planned = strcmp(o.what, "settle") == 0                             ? load_plan_settle(&plan, &o.want)
              : strcmp(o.what, "codes") == 0 && o.want.token != NULL ? load_plan_codes(&plan, &o.want)
              : strcmp(o.what, "get") == 0 && o.want.paths != NULL   ? load_plan_get(&plan, &o.want)
                                                                       : false;
    if (!planned) {
        fprintf(stderr, "khop_load: nothing to send; see the head of load.c\n");
        return 2;
    }
    bool good = load_wire(&plan, &o.run, &result);

    load_plan_release(&plan);
    return good ? report(&result) : 1;
}
