/* A machine whose wall clock is wrong by VIGIE_CLOCK_OFFSET_S seconds; time since boot is right. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

int clock_gettime(clockid_t id, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int done = real(id, now);
    const char *offset = getenv("VIGIE_CLOCK_OFFSET_S");
    if (done == 0 && id == CLOCK_REALTIME && offset) now->tv_sec += atol(offset);
    return done;
}
