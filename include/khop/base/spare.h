/* What the machine's processors have to spare for work that can wait. */
#ifndef KHOP_BASE_SPARE_H
#define KHOP_BASE_SPARE_H

#include "khop/base/slice.h"
#include <stdint.h>

#define SPARE_KEPT  100 /* of 1000: what work that can wait leaves idle */
#define SPARE_LEAST 50  /* of 1000: what it gets however busy the others are, so that it always goes on */

struct spare {
    int fd;              /* /proc/stat, or -1 */
    int64_t busy, total; /* ticks of all processors at the last look */
    int64_t own_us;      /* processor time of the work itself since then */
    int64_t share;
    int64_t tick_us, processors;
};

void spare_open(struct spare *s);
void spare_close(struct spare *s);
/* The work has just taken cpu_us of processor time: how many µs it may be given for that, counted from its beginning, before more of it
 * begins. Without /proc/stat: no more than it took. */
int64_t spare_span_us(struct spare *s, int64_t cpu_us);

/* The part of the machine's time that the work may use, of 1000, by the first line of /proc/stat; as before when too little time has
 * passed since the last look to tell, or when the text is not understood. */
int64_t spare_share(struct spare *s, struct slice stat);

#endif
