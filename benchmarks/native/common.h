// What the two programs share: the clock, and the counters that the reader shows to the servers.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#define SLOTS 64

// The clock of `process.hrtime.bigint()`.
static inline uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

// A file of one counter for each group: how many events were delivered to it. Servers look at it between two ticks,
// so that none runs ahead of the reader by more than it is allowed to.
static volatile uint64_t *map_counters(const char *path) {
  int fd = open(path, O_RDWR | O_CREAT, 0600);
  if (fd < 0 || ftruncate(fd, SLOTS * 8) != 0) {
    perror(path);
    exit(1);
  }
  void *at = mmap(NULL, SLOTS * 8, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (at == MAP_FAILED) {
    perror("mmap");
    exit(1);
  }
  return at;
}
