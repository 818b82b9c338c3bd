// Counts of latencies in ns, in buckets of 1/64 of a power of two: within 1.6 %.
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define SUB_BITS 6
#define BUCKETS ((64 - SUB_BITS) << SUB_BITS)

struct histogram {
  uint64_t total;
  uint64_t counts[BUCKETS];
};

static inline int bucket_of(uint64_t value) {
  if (value < (1u << SUB_BITS)) return (int)value;
  int shift = 63 - __builtin_clzll(value) - SUB_BITS;
  int bucket = ((shift + 1) << SUB_BITS) + (int)((value >> shift) & ((1u << SUB_BITS) - 1));
  return bucket < BUCKETS ? bucket : BUCKETS - 1;
}

static inline double middle_of(int bucket) {
  if (bucket < (1 << SUB_BITS)) return bucket;
  int shift = (bucket >> SUB_BITS) - 1;
  uint64_t low = (uint64_t)((bucket & ((1 << SUB_BITS) - 1)) | (1 << SUB_BITS)) << shift;
  return (double)low + (double)((uint64_t)1 << shift) / 2;
}

static inline void count(struct histogram *h, uint64_t value) {
  h->counts[bucket_of(value)]++;
  h->total++;
}

// Prints the percentiles as [[percent, µs], …].
static inline void print_percentiles(const struct histogram *h, FILE *out) {
  static const double PERCENTS[] = {1,  5,  10, 20, 30, 40,   50,   60,   70,    80,
                                    90, 95, 98, 99, 99.5, 99.9, 99.99, 100};
  const int n = sizeof PERCENTS / sizeof *PERCENTS;
  fprintf(out, "[");
  uint64_t seen = 0;
  int bucket = 0;
  for (int i = 0; i < n && h->total > 0; i++) {
    uint64_t wanted = (uint64_t)(PERCENTS[i] / 100 * (double)h->total + 0.5);
    if (wanted < 1) wanted = 1;
    while (bucket < BUCKETS - 1 && seen + h->counts[bucket] < wanted) seen += h->counts[bucket++];
    fprintf(out, "%s[%g,%.1f]", i == 0 ? "" : ",", PERCENTS[i], middle_of(bucket) / 1000);
  }
  fprintf(out, "]");
}
