#include "khop/app/serve.h"

#include "khop/base/secret.h"

#include <stdio.h>

#include "khop/base/banned.h"

static int key_read(uint8_t *out, size_t n, const char *dir, const char *name, char *error, size_t error_size)
{
    char path[512];
    struct secret s;
    int rc;

    snprintf(path, sizeof path, "%s/%s", dir, name);
    rc = secret_read_file(&s, path);
    if (rc == RC_OK && s.n != n)
        rc = RC_BAD_INPUT;
    if (rc < 0) {
        const char *why = rc == RC_NOT_FOUND   ? "is not there; `khop key init` makes it"
                          : rc == RC_FORBIDDEN ? "may be read by others; set its mode to 0600"
                          : rc == RC_BAD_INPUT ? "has the wrong size"
                                               : "cannot be read";

        snprintf(error, error_size, "the key %s %s", path, why);
        secret_release(&s);
        return rc;
    }
    memcpy(out, s.bytes, n);
    secret_release(&s);
    return RC_OK;
}

int app_keys_read(struct app_keys *keys, const char *dir, char *error, size_t error_size)
{
    const struct {
        const char *name;
        uint8_t *bytes;
        size_t n;
    } files[] = {
        { "receipt.key", keys->receipt_seed, sizeof keys->receipt_seed },
        { "field.key", keys->field_key, sizeof keys->field_key },
        { "session.key", keys->session_key, sizeof keys->session_key },
        { "pepper.key", keys->pepper_key, sizeof keys->pepper_key },
        { "totp.key", keys->totp_key, sizeof keys->totp_key },
    };
    int rc = RC_OK;

    for (size_t i = 0; rc == RC_OK && i < sizeof files / sizeof files[0]; i++)
        rc = key_read(files[i].bytes, files[i].n, dir, files[i].name, error, error_size);
    return rc;
}
