// One connection of the reader: HTTP/1.1 head, chunks, lines, events. It looks at every byte only with memchr, and checks
// that each event is whole (its size and its end) and follows the one before.
#include "histogram.h"
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define HEAD_BYTES 4096
#define KEPT 80

enum state { CONNECTING, HEAD, BODY, GONE };
enum chunk { SIZE, SIZE_LINE, PAYLOAD, PAYLOAD_END };

struct group {
  int at, epoll, count, opened, gone, in_flight, concurrency, port, from, receive_bytes;
  int churns_left, churned;
  bool is_churning;
  char path[256], last_event_id[256];
  // Bytes of data of an event; 0: any.
  int data_bytes;
  uint64_t deliveries, bytes, comments, bad_order, bad_size, bad_http;
  uint64_t last_ns, busy_ns, since_ns;
  int64_t target, reached;
  struct stream *streams;
  struct histogram latency;
};

struct stream {
  int fd;
  struct group *group;
  enum state state;
  enum chunk chunk;
  bool is_chunked, has_data;
  uint64_t left;
  int64_t last;
  // The line so far, where it came in pieces: its length, its beginning, and its last two bytes.
  uint32_t line_bytes;
  char kept[KEPT], tail[2];
  char *head;
  int head_bytes;
};

// The digits behind a mark that must be right here; -1: it is not.
static int64_t digits_after(const char **at, const char *end, const char *mark, size_t bytes) {
  if ((size_t)(end - *at) < bytes || memcmp(*at, mark, bytes) != 0) return -1;
  int64_t value = 0;
  for (*at += bytes; *at < end && **at >= '0' && **at <= '9'; (*at)++) value = value * 10 + (**at - '0');
  return value;
}

static void end_of_data(struct stream *s, const char *line, uint32_t bytes, const char *tail, uint64_t now) {
  struct group *g = s->group;
  int known = bytes < KEPT ? (int)bytes : KEPT;
  int prefix = known > 5 && line[5] == ' ' ? 6 : 5;
  bool is_whole = tail[0] == '"' && tail[1] == '}';
  if (!is_whole || (g->data_bytes > 0 && (int)bytes - prefix != g->data_bytes)) g->bad_size++;
  const char *at = line + prefix;
  int64_t n = digits_after(&at, line + known, "{\"n\":", 5);
  int64_t sent = digits_after(&at, line + known, ",\"t\":\"", 6);
  if (n < 0 || (s->last > 0 && n != s->last + 1)) g->bad_order++;
  s->last = n;
  if (sent > 0) count(&g->latency, now > (uint64_t)sent ? now - (uint64_t)sent : 0);
  s->has_data = true;
}

static void end_of_line(struct stream *s, const char *line, uint32_t bytes, const char *tail, uint64_t now) {
  struct group *g = s->group;
  if (bytes == 0) {
    if (!s->has_data) return;
    s->has_data = false;
    g->deliveries++;
    g->last_ns = now;
    if (s->last == g->target) g->reached++;
  } else if (line[0] == ':') {
    g->comments++;
  } else if (bytes > 5 && memcmp(line, "data:", 5) == 0) {
    // Two data lines would be two events in one.
    if (s->has_data) g->bad_size++;
    end_of_data(s, line, bytes, tail, now);
  }
}

static void read_payload(struct stream *s, const char *at, const char *end, uint64_t now) {
  while (at < end) {
    const char *eol = memchr(at, '\n', (size_t)(end - at));
    const char *stop = eol == NULL ? end : eol;
    uint32_t n = (uint32_t)(stop - at);
    if (eol != NULL && s->line_bytes == 0) {
      end_of_line(s, at, n, n < 2 ? at : stop - 2, now);
    } else {
      if (s->line_bytes < KEPT) {
        uint32_t room = KEPT - s->line_bytes;
        memcpy(s->kept + s->line_bytes, at, n < room ? n : room);
      }
      if (n >= 2) memcpy(s->tail, stop - 2, 2);
      else if (n == 1) s->tail[0] = s->tail[1], s->tail[1] = *at;
      s->line_bytes += n;
      if (eol != NULL) {
        end_of_line(s, s->kept, s->line_bytes, s->tail, now);
        s->line_bytes = 0;
      }
    }
    at = stop + 1;
  }
}

static void read_body(struct stream *s, const char *at, const char *end, uint64_t now) {
  if (!s->is_chunked) return read_payload(s, at, end, now);
  while (at < end) {
    if (s->chunk == PAYLOAD) {
      uint64_t there = (uint64_t)(end - at);
      uint64_t n = there < s->left ? there : s->left;
      read_payload(s, at, at + n, now);
      at += n;
      s->left -= n;
      if (s->left == 0) s->chunk = PAYLOAD_END;
      continue;
    }
    char c = *at++;
    if (s->chunk == PAYLOAD_END) {
      if (c == '\n') s->chunk = SIZE, s->left = 0;
      else if (c != '\r') s->group->bad_http++;
    } else if (c == '\n') {
      s->chunk = PAYLOAD;
    } else if (s->chunk == SIZE && c != '\r') {
      int digit = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
      if (digit < 0) s->chunk = SIZE_LINE;
      else s->left = s->left * 16 + (uint64_t)digit;
    }
  }
}

// Returns where the body begins; NULL while the head is not complete.
static const char *read_head(struct stream *s, const char *at, int n) {
  if (s->head == NULL) s->head = malloc(HEAD_BYTES + 1);
  int room = HEAD_BYTES - s->head_bytes;
  int taken = n < room ? n : room;
  memcpy(s->head + s->head_bytes, at, (size_t)taken);
  s->head[s->head_bytes + taken] = 0;
  const char *end = strstr(s->head, "\r\n\r\n");
  if (end == NULL) {
    if (taken < n) s->group->bad_http++;
    s->head_bytes += taken;
    return NULL;
  }
  if (strncmp(s->head, "HTTP/1.1 200", 12) != 0) s->group->bad_http++;
  const char *field = strcasestr(s->head, "\r\ntransfer-encoding: chunked");
  s->is_chunked = field != NULL && field < end + 4;
  s->chunk = SIZE;
  s->left = 0;
  s->state = BODY;
  // What came before this piece held no end.
  return at + ((end + 4 - s->head) - s->head_bytes);
}

static void print_stats(struct group *g) {
  uint64_t now = now_ns();
  printf("{\"group\":%d,\"open\":%d,\"closed\":%d,\"deliveries\":%lu,\"bytes\":%lu,\"comments\":%lu,\"badOrder\":%lu,"
         "\"badSize\":%lu,\"badHttp\":%lu,\"lastNs\":%lu,\"busyNs\":%lu,\"wallNs\":%lu,\"isComplete\":%s,\"curve\":",
         g->at, g->opened - g->gone, g->gone, g->deliveries, g->bytes, g->comments, g->bad_order, g->bad_size,
         g->bad_http, g->last_ns, g->busy_ns, now - g->since_ns, g->reached == g->count ? "true" : "false");
  print_percentiles(&g->latency, stdout);
  printf("}\n");
  fflush(stdout);
}
