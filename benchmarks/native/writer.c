// As little as any server of event streams can do: HTTP/1.1 with chunks, one write() to each connection for all that was
// published in a tick, and what the kernel does not take waits for EPOLLOUT. It is what the others are measured against.
// Prints its port. Commands come in as lines, answers are lines of JSON:
//   burst MS PER_TICK DATA_BYTES SLOT MOST_AHEAD IS_DISTINCT   tick after tick; another event for each connection or the same
//   rate PER_SECOND MS DATA_BYTES      events at fixed times; each says when it was due
//   clients | quit
#define _GNU_SOURCE
#include "common.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define MAX_CONNECTIONS 20000
#define BATCH 512
#define FIRST_NUMBER 1000000

static const char HEAD[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n"
                           "X-Accel-Buffering: no\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n";

struct connection {
  int fd, at;
  bool is_open;
  // What the kernel did not take yet.
  char *waiting;
  size_t bytes, room;
};

static struct connection *open_ones[MAX_CONNECTIONS];
static int open_count, epoll, listener;
static int64_t next_number = FIRST_NUMBER;
static volatile uint64_t *counters;
static char *memory, *block;
static size_t block_bytes, memory_bytes;

static void watch(struct connection *c, uint32_t events, int operation) {
  struct epoll_event event = {.events = events, .data.ptr = c};
  epoll_ctl(epoll, operation, c->fd, &event);
}

static void drop(struct connection *c) {
  if (c->is_open) {
    open_ones[c->at] = open_ones[--open_count];
    open_ones[c->at]->at = c->at;
  }
  close(c->fd);
  free(c->waiting);
  free(c);
}

static void keep(struct connection *c, const char *at, size_t bytes) {
  if (c->bytes == 0) watch(c, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
  if (c->bytes + bytes > c->room) {
    c->room = (c->bytes + bytes) * 2;
    c->waiting = realloc(c->waiting, c->room);
  }
  memcpy(c->waiting + c->bytes, at, bytes);
  c->bytes += bytes;
}

static void send_block(struct connection *c) {
  if (c->bytes > 0) return keep(c, block, block_bytes);
  ssize_t n = write(c->fd, block, block_bytes);
  // A connection that is gone is noticed when it is read.
  if (n < 0) n = errno == EAGAIN ? 0 : (ssize_t)block_bytes;
  if ((size_t)n < block_bytes) keep(c, block + n, block_bytes - (size_t)n);
}

static void drained(struct connection *c) {
  ssize_t n = write(c->fd, c->waiting, c->bytes);
  if (n <= 0) return;
  c->bytes -= (size_t)n;
  memmove(c->waiting, c->waiting + n, c->bytes);
  if (c->bytes == 0) watch(c, EPOLLIN, EPOLL_CTL_MOD);
}

static void accept_all(void) {
  for (;;) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    if (fd < 0) return;
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct connection *c = calloc(1, sizeof *c);
    c->fd = fd;
    watch(c, EPOLLIN, EPOLL_CTL_ADD);
  }
}

// Whatever comes first is taken for a whole request; whatever comes later is ignored.
static void on_readable(struct connection *c) {
  static char ignored[4096];
  ssize_t n = read(c->fd, ignored, sizeof ignored);
  if (n < 0 && errno == EAGAIN) return;
  if (n <= 0 || open_count == MAX_CONNECTIONS) return drop(c);
  if (c->is_open) return;
  c->is_open = true;
  c->at = open_count;
  open_ones[open_count++] = c;
  if (write(c->fd, HEAD, sizeof HEAD - 1) < 0) return;
}

// The events of a tick, as one chunk; there is room for its size before them. Each was sent, or due, a step after the one before.
static void encode(int per_tick, int data_bytes, uint64_t sent_ns, uint64_t step_ns, int for_one) {
  size_t wanted = (size_t)per_tick * ((size_t)data_bytes + 100) + 64;
  if (wanted > memory_bytes) memory = realloc(memory, memory_bytes = wanted);
  char *payload = memory + 32, *at = payload;
  for (int i = 0; i < per_tick; i++) {
    long n = (long)(next_number + i);
    at += sprintf(at, "event: tick\nid: %ld\ndata: ", n);
    char *data = at;
    at += sprintf(at, "{\"n\":%ld,\"t\":\"%019lu\",\"x\":\"", n,
                  sent_ns + (uint64_t)i * step_ns);
    if (for_one >= 0) at += sprintf(at, "%05d", for_one);
    size_t padding = (size_t)data_bytes - (size_t)(at - data) - 2;
    memset(at, 'x', padding);
    at = stpcpy(at + padding, "\"}\n\n");
  }
  char size[32];
  int digits = sprintf(size, "%zx\r\n", (size_t)(at - payload));
  block = memcpy(payload - digits, size, (size_t)digits);
  at = stpcpy(at, "\r\n");
  block_bytes = (size_t)(at - block);
}

static void publish(int per_tick, int data_bytes, uint64_t sent_ns, uint64_t step_ns, bool is_distinct) {
  if (!is_distinct) encode(per_tick, data_bytes, sent_ns, step_ns, -1);
  for (int i = 0; i < open_count; i++) {
    if (is_distinct) encode(per_tick, data_bytes, sent_ns, step_ns, i);
    send_block(open_ones[i]);
  }
  next_number += per_tick;
}

static void on_commands(void);

static void poll_all(int timeout_ms) {
  struct epoll_event events[BATCH];
  int n = epoll_wait(epoll, events, BATCH, timeout_ms);
  for (int i = 0; i < n; i++) {
    struct connection *c = events[i].data.ptr;
    if (c == (void *)&listener) accept_all();
    else if (c == (void *)&epoll) on_commands();
    else {
      if (events[i].events & EPOLLOUT) drained(c);
      if (events[i].events & ~(uint32_t)EPOLLOUT) on_readable(c);
    }
  }
}

static void print_published(int64_t first, uint64_t started_ns) {
  printf("{\"published\":%ld,\"last\":%ld,\"startedNs\":%lu,\"clients\":%d}\n", (long)(next_number - first),
         (long)(next_number - 1), started_ns, open_count);
  fflush(stdout);
}

static void burst(const char *arguments) {
  long ms = 0, most_ahead = 0;
  int per_tick = 1, data_bytes = 100, slot = 0, is_distinct = 0;
  sscanf(arguments, "%ld %d %d %d %ld %d", &ms, &per_tick, &data_bytes, &slot, &most_ahead, &is_distinct);
  uint64_t started = now_ns(), until = started + (uint64_t)ms * 1000000u;
  int64_t first = next_number;
  do {
    publish(per_tick, data_bytes, now_ns(), 0, is_distinct);
    poll_all(0);
    while ((next_number - first) * open_count - (int64_t)counters[slot] > most_ahead * open_count) poll_all(1);
  } while (now_ns() < until);
  print_published(first, started);
}

static void rate(const char *arguments) {
  long ms = 0, per_second = 1;
  int data_bytes = 100;
  sscanf(arguments, "%ld %ld %d", &per_second, &ms, &data_bytes);
  uint64_t started = now_ns(), step = 1000000000u / (uint64_t)per_second, due = started;
  uint64_t until = started + (uint64_t)ms * 1000000u;
  int64_t first = next_number;
  while (due < until) {
    uint64_t now = now_ns();
    uint64_t end = now < until ? now + 1 : until;
    // What became due while it was busy leaves together.
    int count = end > due ? (int)((end - due + step - 1) / step) : 0;
    if (count > 0) publish(count, data_bytes, due, step, false);
    due += (uint64_t)count * step;
    now = now_ns();
    poll_all(due > now ? (int)((due - now) / 1000000u) : 0);
  }
  print_published(first, started);
}

static void on_commands(void) {
  static char line[4096];
  ssize_t n = read(0, line, sizeof line - 1);
  if (n <= 0) exit(0);
  line[n] = 0;
  if (strncmp(line, "burst ", 6) == 0) burst(line + 6);
  else if (strncmp(line, "rate ", 5) == 0) rate(line + 5);
  else if (strncmp(line, "clients", 7) == 0) print_published(next_number, 0);
  else exit(0);
}

int main(int argc, char **argv) {
  if (argc < 2) return 1;
  counters = map_counters(argv[1]);
  listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t bytes = sizeof address;
  if (bind(listener, (void *)&address, bytes) != 0 || listen(listener, 4096) != 0) {
    perror("listen");
    return 1;
  }
  getsockname(listener, (void *)&address, &bytes);
  epoll = epoll_create1(0);
  struct epoll_event ours[2] = {{.events = EPOLLIN, .data.ptr = &listener}, {.events = EPOLLIN, .data.ptr = &epoll}};
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &ours[0]);
  epoll_ctl(epoll, EPOLL_CTL_ADD, 0, &ours[1]);
  printf("{\"port\":%d}\n", ntohs(address.sin_port));
  fflush(stdout);
  for (;;) poll_all(-1);
}
