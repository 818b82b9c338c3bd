// The client of the benchmarks: holds the connections of many servers, in groups, and checks each event. It spins on the
// group that is measured, so that the servers never pay for waking it, and sleeps otherwise. Commands come in as lines:
//   open G PORT PATH COUNT CONCURRENCY FROM LAST_EVENT_ID|- RECEIVE_BYTES   answers when all have their heads
//   churn G PORT PATH COUNT CONCURRENCY   opens, and closes as soon as the head is there
//   run G | stop                       polls the group | none
//   size G BYTES                       what the data of each event must measure
//   reset G                            of the counters
//   wait G N TIMEOUT_MS                answers when each stream got event N, or something is wrong
//   stats G | close G | quit
// Answers are lines of JSON.
#define _GNU_SOURCE
#include "common.h"
#include "stream.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define BUFFER_BYTES (256 * 1024)
#define BATCH 256
// Ephemeral ports are about 28,000 for each address; closed ones take a minute to come back.
#define FOR_EACH_ADDRESS 5000
#define LOOK_AT_COMMANDS_NS 100000

static struct group groups[SLOTS];
static volatile uint64_t *counters;
static char buffer[BUFFER_BYTES];
static int active = -1;
static struct group *waiting;
static uint64_t wait_until;
static uint64_t connected;

static void stop_stream(struct stream *s) {
  if (s->state == GONE) return;
  close(s->fd);
  free(s->head);
  s->head = NULL;
  s->state = GONE;
}

static void start_stream(struct group *g, struct stream *s) {
  memset(s, 0, sizeof *s);
  s->group = g;
  s->last = g->from;
  s->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  uint64_t address = connected++ / FOR_EACH_ADDRESS % 200;
  int one = 1;
  struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)address)};
  struct sockaddr_in to = {
      .sin_family = AF_INET, .sin_port = htons((uint16_t)g->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  setsockopt(s->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
  setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (g->receive_bytes > 0) setsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &g->receive_bytes, sizeof g->receive_bytes);
  if (s->fd < 0 || bind(s->fd, (void *)&from, sizeof from) != 0 ||
      (connect(s->fd, (void *)&to, sizeof to) != 0 && errno != EINPROGRESS)) {
    perror("connect");
    exit(1);
  }
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.ptr = s};
  epoll_ctl(g->epoll, EPOLL_CTL_ADD, s->fd, &event);
  g->in_flight++;
}

static void start_streams(struct group *g) {
  if (g->is_churning) {
    for (int i = 0; i < g->count; i++) {
      if (g->streams[i].state != GONE || g->churns_left == 0) continue;
      g->churns_left--;
      start_stream(g, &g->streams[i]);
    }
    return;
  }
  while (g->in_flight < g->concurrency && g->opened + g->in_flight < g->count)
    start_stream(g, &g->streams[g->opened + g->in_flight]);
}

static void send_request(struct stream *s) {
  char text[1024];
  const struct group *g = s->group;
  int n = snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n%s%s%s\r\n",
                   g->path, *g->last_event_id ? "Last-Event-ID: " : "", g->last_event_id,
                   *g->last_event_id ? "\r\n" : "");
  if (write(s->fd, text, (size_t)n) != n) s->group->bad_http++;
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = s};
  epoll_ctl(s->group->epoll, EPOLL_CTL_MOD, s->fd, &event);
  s->state = HEAD;
}

static void has_head(struct stream *s) {
  struct group *g = s->group;
  g->in_flight--;
  if (g->is_churning) {
    g->churned++;
    stop_stream(s);
    if (g->churns_left == 0 && g->in_flight == 0) print_stats(g);
  } else if (++g->opened == g->count) {
    print_stats(g);
  }
  start_streams(g);
}

static void on_ready(struct stream *s, uint32_t events) {
  if (s->state == GONE) return;
  if (s->state == CONNECTING) {
    if (events & (EPOLLERR | EPOLLHUP)) {
      fprintf(stderr, "A connection was refused\n");
      exit(1);
    }
    return send_request(s);
  }
  ssize_t n = read(s->fd, buffer, sizeof buffer);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) {
    s->group->gone++;
    return stop_stream(s);
  }
  uint64_t now = now_ns();
  s->group->bytes += (uint64_t)n;
  const char *body = buffer;
  if (s->state == HEAD) {
    body = read_head(s, buffer, (int)n);
    if (body == NULL) return;
    struct group *g = s->group;
    if (!g->is_churning) read_body(s, body, buffer + n, now);
    return has_head(s);
  }
  read_body(s, body, buffer + n, now);
}

static bool poll_group(struct group *g, int timeout_ms) {
  static struct epoll_event events[BATCH];
  uint64_t before = now_ns();
  int n = epoll_wait(g->epoll, events, BATCH, timeout_ms);
  for (int i = 0; i < n; i++) on_ready(events[i].data.ptr, events[i].events);
  if (n <= 0) return false;
  counters[g->at] = g->deliveries;
  g->busy_ns += now_ns() - before;
  return true;
}

static void look_at_wait(uint64_t now) {
  if (waiting == NULL) return;
  struct group *g = waiting;
  bool is_wrong = g->bad_order + g->bad_size + g->bad_http + (uint64_t)g->gone > 0;
  if (g->reached < g->count && !is_wrong && now < wait_until) return;
  waiting = NULL;
  print_stats(g);
}

static void clear_counters(struct group *g) {
  g->deliveries = g->bytes = g->comments = g->bad_order = g->bad_size = g->bad_http = g->busy_ns = 0;
  g->since_ns = now_ns();
  counters[g->at] = 0;
  memset(&g->latency, 0, sizeof g->latency);
}

static void close_group(struct group *g) {
  for (int i = 0; i < g->count; i++) stop_stream(&g->streams[i]);
  if (g->streams != NULL) close(g->epoll);
  free(g->streams);
  g->streams = NULL;
  g->count = g->opened = g->gone = g->in_flight = 0;
}

static void open_group(struct group *g, const char *arguments, bool is_churning) {
  close_group(g);
  clear_counters(g);
  char id[256] = "-";
  int places = 0;
  g->from = g->receive_bytes = 0;
  sscanf(arguments, "%*d %d %255s %d %d %d %255s %d", &g->port, g->path, &places, &g->concurrency, &g->from, id,
         &g->receive_bytes);
  strcpy(g->last_event_id, strcmp(id, "-") == 0 ? "" : id);
  g->is_churning = is_churning;
  g->churned = 0;
  g->churns_left = places;
  if (is_churning) places = g->concurrency;
  g->streams = calloc((size_t)places, sizeof *g->streams);
  for (int i = 0; i < places; i++) g->streams[i].state = GONE;
  g->count = places;
  g->target = -1;
  g->epoll = epoll_create1(0);
  active = g->at;
  start_streams(g);
}

static void on_command(char *line) {
  char name[32] = "";
  int at = 0, used = 0;
  sscanf(line, "%31s%n %d", name, &used, &at);
  struct group *g = &groups[at & (SLOTS - 1)];
  g->at = at & (SLOTS - 1);
  const char *arguments = line + used;
  if (strcmp(name, "open") == 0 || strcmp(name, "churn") == 0) open_group(g, arguments, *name == 'c');
  else if (strcmp(name, "run") == 0) active = g->at;
  else if (strcmp(name, "stop") == 0) active = -1;
  else if (strcmp(name, "size") == 0) sscanf(arguments, "%*d %d", &g->data_bytes);
  else if (strcmp(name, "reset") == 0) clear_counters(g), print_stats(g);
  else if (strcmp(name, "stats") == 0) print_stats(g);
  else if (strcmp(name, "close") == 0) close_group(g), print_stats(g);
  else if (strcmp(name, "quit") == 0) exit(0);
  else if (strcmp(name, "wait") == 0) {
    long timeout_ms = 0;
    sscanf(arguments, "%*d %ld %ld", &g->target, &timeout_ms);
    g->reached = 0;
    for (int i = 0; i < g->count; i++)
      if (g->streams[i].last == g->target && !g->streams[i].has_data) g->reached++;
    wait_until = now_ns() + (uint64_t)timeout_ms * 1000000u;
    waiting = g;
  }
}

static void read_commands(void) {
  static char pending[65536];
  static size_t bytes;
  ssize_t n = read(0, pending + bytes, sizeof pending - 1 - bytes);
  if (n <= 0) exit(0);
  bytes += (size_t)n;
  pending[bytes] = 0;
  char *at = pending;
  for (char *eol; (eol = strchr(at, '\n')) != NULL; at = eol + 1) {
    *eol = 0;
    on_command(at);
  }
  bytes = (size_t)(pending + bytes - at);
  memmove(pending, at, bytes);
}

int main(int argc, char **argv) {
  if (argc < 2) return 1;
  counters = map_counters(argv[1]);
  printf("{\"ready\":true}\n");
  fflush(stdout);
  uint64_t looked = 0;
  for (;;) {
    struct pollfd commands = {.fd = 0, .events = POLLIN};
    if (active < 0 || groups[active].streams == NULL) {
      poll(&commands, 1, -1);
      read_commands();
      continue;
    }
    poll_group(&groups[active], 0);
    uint64_t now = now_ns();
    if (now - looked < LOOK_AT_COMMANDS_NS) continue;
    looked = now;
    look_at_wait(now);
    if (poll(&commands, 1, 0) > 0) read_commands();
  }
}
