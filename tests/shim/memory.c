/* Preloaded into a process: writes all memory that the process can write to into a file, whenever it is
 * asked to. The process does it itself, because nobody else may look: it is not dumpable.
 *
 * MEMORY_ASK is a FIFO; each line in it is the path of a file to write, and MEMORY_DONE, another one, gets
 * a byte when that is done. Memory goes to the file without a copy, so nothing of it is found twice. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *ask, *done;

static void dump(const char *path) {
  FILE *maps = fopen("/proc/self/maps", "re");
  int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  char line[512], may[5], what[256];
  unsigned long start, end;
  while (maps && file >= 0 && fgets(line, sizeof line, maps)) {
    what[0] = 0;
    if (sscanf(line, "%lx-%lx %4s %*s %*s %*s %255s", &start, &end, may, what) < 3)
      continue;
    if (strncmp(may, "rw", 2) != 0 || strcmp(what, "[vvar]") == 0)
      continue;
    /* What cannot be read ends the write early, and the next page is tried. */
    while (start < end) {
      ssize_t wrote = write(file, (void *)start, end - start);
      start += wrote > 0 ? (unsigned long)wrote : 4096;
    }
  }
  if (file >= 0)
    close(file);
  if (maps)
    fclose(maps);
}

static void *serve(void *nothing) {
  for (;;) {
    char path[512];
    FILE *asked = fopen(ask, "re");
    if (!asked)
      return nothing;
    while (fgets(path, sizeof path, asked)) {
      path[strcspn(path, "\n")] = 0;
      dump(path);
      int told = open(done, O_WRONLY | O_CLOEXEC);
      if (told < 0 || write(told, "", 1) != 1)
        return nothing;
      close(told);
    }
    fclose(asked);
  }
}

__attribute__((constructor)) static void begin(void) {
  ask = getenv("MEMORY_ASK");
  done = getenv("MEMORY_DONE");
  pthread_t thread;
  sigset_t all, before;
  /* The process's signals are for its own threads. */
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  if (ask && done)
    pthread_create(&thread, NULL, serve, NULL);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}
