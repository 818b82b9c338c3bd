/** What is measured together, and again together. */
export type Group = 'encode' | 'one-stream' | 'fan-out' | 'heap'

/** A row of the check. */
export interface Bound {
  readonly group: Group
  /** The name of the row within what its group measures. */
  readonly row: string
  readonly what: string
  /** The most that may be measured, as a ratio to the same done by hand, in the same run. */
  readonly most: number
}

// Each bound is about 1.4 times what was measured on two cores with Node 24, which stands behind it: far enough from
// noise, near enough that work done twice is found. Heap is no matter of noise: its bound is nearer. Raise one only with
// a reason, in the commit that needs it; lower it when something has become better.
export const BOUNDS: readonly Bound[] = [
  { group: 'encode', row: 'line-200', what: 'encode 200 bytes, one line', most: 1.65 }, // 1.12 to 1.18
  { group: 'encode', row: 'lines-200', what: 'encode 200 bytes, five lines', most: 2.95 }, // 1.96 to 2.19
  { group: 'one-stream', row: '@sse/core/node', what: 'one stream, node:http', most: 0.6 }, // 0.38 to 0.42
  { group: 'one-stream', row: '@sse/express', what: 'one stream, Express', most: 0.6 }, // 0.37 to 0.38
  { group: 'one-stream', row: '@sse/koa', what: 'one stream, Koa', most: 0.6 }, // 0.39 to 0.45
  { group: 'one-stream', row: '@sse/hono', what: 'one stream, Hono', most: 0.7 }, // 0.40 to 0.51
  { group: 'one-stream', row: '@sse/core fetch', what: 'one stream, fetch', most: 0.7 }, // 0.40 to 0.52
  { group: 'fan-out', row: '100x16', what: 'fan-out, 100 streams, 16 in a tick', most: 0.65 }, // 0.34 to 0.47
  { group: 'fan-out', row: '1000x1', what: 'fan-out, 1,000 streams, 1 in a tick', most: 1.3 }, // 0.86 to 0.95
  { group: 'heap', row: '2000', what: 'heap of an idle stream of a channel', most: 1.6 }, // 1.28
]
