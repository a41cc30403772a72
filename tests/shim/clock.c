/* Preloaded into the daemon: its calendar clock is behind by CLOCK_BEHIND seconds, so that a daemon
 * can have been up days ago. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

static int (*real_clock_gettime)(clockid_t, struct timespec *);
static long behind;

__attribute__((constructor)) static void begin(void) {
  real_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
  const char *seconds = getenv("CLOCK_BEHIND");
  behind = seconds ? atol(seconds) : 0;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  if (!real_clock_gettime)
    begin();
  int result = real_clock_gettime(clock, time);
  if (clock == CLOCK_REALTIME)
    time->tv_sec -= behind;
  return result;
}
