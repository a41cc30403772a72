/* Preloaded into the daemon: counts the calls that change what a crash leaves behind, and can kill
 * the process at one of them, as `kill -9` would. The daemon knows nothing of it.
 *
 *   KILLPOINT_IN=DIR          only files below this directory count
 *   KILLPOINT_LIST=FILE       each counted call is appended as "NUMBER CALL PATH"
 *   KILLPOINT_AT=NUMBER:WHEN  where to kill: before, after, or torn (a write that gets half way)
 *   KILLPOINT_ORDER=FILE      the same for a process that runs already: whenever the order changes,
 *                             calls are counted anew
 */
#define _GNU_SOURCE
#include <errno.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static ssize_t (*real_write)(int, const void *, size_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_rename)(const char *, const char *);

static const char *in;
static int list = -1;
static long kill_at;
static char kill_when[16];
static atomic_long calls;

/* As KillPoint::order writes it. */
struct order {
  long given; /* how many orders there were */
  long at;
  char when[16];
};
static const volatile struct order *order;
static atomic_long obeyed;

__attribute__((constructor)) static void begin(void) {
  real_write = dlsym(RTLD_NEXT, "write");
  real_fsync = dlsym(RTLD_NEXT, "fsync");
  real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
  real_rename = dlsym(RTLD_NEXT, "rename");
  in = getenv("KILLPOINT_IN");
  const char *file = getenv("KILLPOINT_LIST");
  if (file)
    list = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const char *at = getenv("KILLPOINT_AT");
  if (at)
    sscanf(at, "%ld:%15s", &kill_at, kill_when);
  const char *orders = getenv("KILLPOINT_ORDER");
  if (orders) {
    int fd = open(orders, O_RDONLY | O_CLOEXEC);
    order = mmap(NULL, sizeof *order, PROT_READ, MAP_SHARED, fd, 0);
    obeyed = order->given;
  }
}

static void obey(void) {
  long before = obeyed;
  if (!order || order->given == before)
    return;
  if (atomic_compare_exchange_strong(&obeyed, &before, order->given)) {
    memcpy(kill_when, (const void *)order->when, sizeof kill_when);
    kill_at = order->at;
    calls = 0;
  }
}

static void die(void) {
  kill(getpid(), SIGKILL);
  for (;;)
    pause();
}

/* The number of this call; 0 if it does not count. */
static long count(const char *call, const char *path) {
  if (!in || strncmp(path, in, strlen(in)) != 0)
    return 0;
  /* Only copies of what lies elsewhere; what sled writes depends on time besides. */
  if (strstr(path, "/state/index") || strstr(path, "/state/connectors"))
    return 0;
  obey();
  long number = atomic_fetch_add(&calls, 1) + 1;
  if (list >= 0) {
    char line[PATH_MAX + 64];
    int length = snprintf(line, sizeof line, "%ld %s %s\n", number, call, path);
    real_write(list, line, length);
  }
  return number;
}

static long count_fd(const char *call, int fd) {
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0)
    return 0;
  path[length] = 0;
  return count(call, path);
}

static int is(long number, const char *when) {
  return number != 0 && number == kill_at && strcmp(kill_when, when) == 0;
}

ssize_t write(int fd, const void *bytes, size_t length) {
  if (is(count_fd("write", fd), "torn")) {
    real_write(fd, bytes, length / 2);
    die();
  }
  return real_write(fd, bytes, length);
}

#define AROUND(number, result, really)                                         \
  if (is(number, "before"))                                                    \
    die();                                                                     \
  int result = really;                                                         \
  if (is(number, "after"))                                                     \
    die();                                                                     \
  return result;

int fsync(int fd) {
  long number = count_fd("fsync", fd);
  AROUND(number, result, real_fsync(fd))
}

int fdatasync(int fd) {
  long number = count_fd("fdatasync", fd);
  if (is(number, "fails")) {
    errno = EIO;
    return -1;
  }
  AROUND(number, result, real_fdatasync(fd))
}

int rename(const char *from, const char *to) {
  long number = count("rename", to);
  AROUND(number, result, real_rename(from, to))
}
