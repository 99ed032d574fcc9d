/* Runs a fuzz target over files instead of libFuzzer: each argument is a file or a folder of files. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include "khop/base/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REPLAY_FILE_MAX (1 << 20)

static int replay_file(const char *path)
{
    static uint8_t bytes[REPLAY_FILE_MAX];
    FILE *f = fopen(path, "rb");

    if (f == NULL) {
        fprintf(stderr, "replay: cannot open %s\n", path);
        return 1;
    }
    size_t n = fread(bytes, 1, sizeof bytes, f);

    fclose(f);
    /* An exact copy on the heap: a read past the end is then seen by the sanitizer. */
    uint8_t *copy = malloc(n > 0 ? n : 1);

    if (copy == NULL)
        return 1;
    for (size_t i = 0; i < n; i++)
        copy[i] = bytes[i];
    LLVMFuzzerTestOneInput(copy, n);
    free(copy);
    return 0;
}

static int replay_folder(const char *path, int *count)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    int bad = 0;

    if (dir == NULL)
        return 1;
    while ((entry = readdir(dir)) != NULL) {
        char name[4096];

        if (entry->d_name[0] == '.')
            continue;
        snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        bad |= replay_file(name);
        *count += 1;
    }
    closedir(dir);
    return bad;
}

int main(int argc, char **argv)
{
    int bad = 0, count = 0;

    for (int i = 1; i < argc; i++) {
        struct stat st;

        if (stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode)) {
            bad |= replay_folder(argv[i], &count);
        } else {
            bad |= replay_file(argv[i]);
            count++;
        }
    }
    printf("replayed %d inputs\n", count);
    return bad != 0 || count == 0;
}
