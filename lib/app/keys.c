#include "khop/app/serve.h"

#include "khop/base/secret.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

void app_pepper_name(int no, char name[APP_PEPPER_NAME])
{
    if (no == 1)
        snprintf(name, APP_PEPPER_NAME, "pepper.key");
    else
        snprintf(name, APP_PEPPER_NAME, "pepper-%d.key", no);
}

int app_peppers_read(struct auth_pepper peppers[AUTH_PEPPERS], const char *dir, char *error, size_t error_size)
{
    char name[APP_PEPPER_NAME], path[512];
    size_t n = 0;
    int rc = RC_OK;

    memset(peppers, 0, AUTH_PEPPERS * sizeof *peppers);
    for (int no = APP_PEPPER_MAX; rc == RC_OK && no > 0; no--) {
        app_pepper_name(no, name);
        snprintf(path, sizeof path, "%s/%s", dir, name);
        if (access(path, F_OK) < 0)
            continue;
        if (n == AUTH_PEPPERS) {
            snprintf(error, error_size, "%s is a third pepper: %d at most, the oldest has to go", path, AUTH_PEPPERS);
            return RC_TOO_LARGE;
        }
        peppers[n].no = (int16_t)no;
        rc = key_read(peppers[n++].key, AUTH_KEY_SIZE, dir, name, error, error_size);
    }
    if (rc == RC_OK && n == 0) {
        snprintf(error, error_size, "the key %s/pepper.key is not there; `khop key init` makes it", dir);
        rc = RC_NOT_FOUND;
    }
    return rc;
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
        { "totp.key", keys->totp_key, sizeof keys->totp_key },
    };
    int rc = RC_OK;

    for (size_t i = 0; rc == RC_OK && i < sizeof files / sizeof files[0]; i++)
        rc = key_read(files[i].bytes, files[i].n, dir, files[i].name, error, error_size);
    return rc < 0 ? rc : app_peppers_read(keys->peppers, dir, error, error_size);
}
