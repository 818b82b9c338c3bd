import {
  type Check,
  type CheckOf,
  growth,
  moreThanBaseline,
  ratio,
  ratioOf,
  timesBetter,
  value,
} from './checks.ts'
import type { RunResult } from './result.ts'

/** What the project wants to reach, written down before it was measured. */
export interface Goal {
  readonly what: string
  readonly goal: string
  readonly checks: readonly CheckOf[]
  /** Where it is shown instead, as it is no matter of how much. */
  readonly test?: string
  /** What is known to stand in the way, for where it is missed. */
  readonly obstacle?: string
}

/** What became of it. */
export interface GoalResult {
  readonly goal: Goal
  readonly checks: readonly Check[]
  readonly verdict: 'yes' | 'in part' | 'no' | 'not measured' | 'by a test'
}

const MEGABYTES_OF_A_QUEUE = 1.05
const HEAP_NOISE_BYTES = 50

export const GOALS: readonly Goal[] = [
  {
    what: 'encode an event of 200 bytes to bytes',
    goal: 'at most 1.2 × no newline handling at all; twice as good as any peer, three times as hono and better-sse',
    obstacle:
      'graphql-sse writes no ids, has one type of event and looks for no line ends; only a faster way from text to bytes than that of Node could be twice as good.',
    checks: [
      ratio('encode-line-200', 'ns', 1.2),
      timesBetter('encode-line-200', 'ns', 'any', 2),
      timesBetter('encode-line-200', 'ns', 'hono', 3),
      timesBetter('encode-line-200', 'ns', 'better-sse', 3),
    ],
  },
  {
    what: 'encode several lines',
    goal: '1.8 times as good as any peer',
    obstacle:
      '@fastify/sse does not look for CR. Nothing else that was tried is faster than slices: `replace`, `replaceAll`, and `split` with `join`.',
    checks: [
      timesBetter('encode-lines-200', 'ns', 'any', 1.8),
      timesBetter('encode-lines-16k', 'ns', 'any', 1.8),
    ],
  },
  {
    what: 'one stream, CPU per event, on every framework',
    goal: 'half of a hand-written loop; 2.5 times as good as better-sse, 6 times as hono',
    checks: [
      ratio('one-stream', 'cpu', 0.5),
      timesBetter('one-stream', 'cpu', 'better-sse push', 2.5),
      timesBetter('one-stream', 'cpu', 'hono', 6),
    ],
  },
  {
    what: 'fan-out at 1,000 and 10,000, one event in a tick',
    goal: '80 % of C, ahead of nginx with nchan; 1.8 times better-sse, 4 times hono and h3',
    obstacle:
      'Most of a delivery is the system call, and Node’s `write` around it: a loop over sockets with nothing but that and the check whether it is right comes to between 73 and 80 % of C at 1,000. What is left is waiting for memory (decision 017).',
    checks: ['fan-out-1000x1x100', 'fan-out-10000x1x100'].flatMap((id) => [
      ratio(id, 'rate', 0.8, true),
      timesBetter(id, 'rate', 'nchan', 1),
      timesBetter(id, 'rate', 'better-sse', 1.8),
      timesBetter(id, 'rate', 'hono', 4),
      timesBetter(id, 'rate', 'h3', 4),
    ]),
  },
  {
    what: 'fan-out, 16 events in a tick',
    goal: '65 % of C, 5 times better-sse',
    obstacle:
      'More than the share of C can only be had where a peer takes more: better-sse came to 11 % of C in some runs, and to 15 % in others.',
    checks: [
      ratio('fan-out-1000x16x100', 'rate', 0.65, true),
      timesBetter('fan-out-1000x16x100', 'rate', 'better-sse', 5),
    ],
  },
  {
    what: 'fan-out through Web Streams',
    goal: '1.5 times the fetch path of better-sse at 1,000',
    obstacle:
      'Nine tenths of a delivery are those of the stream, its reader and the server, which both have. What is ours is for the most part a copy of the bytes, as they belong to their reader (decision 018).',
    checks: [timesBetter('fan-out-fetch-1000x1x100', 'rate', 'better-sse fetch', 1.5)],
  },
  {
    what: 'fan-out, another event for each of 1,000',
    goal: '70 % of C; 1.6 times better-sse, 3.5 times hono',
    obstacle:
      'Each stream is looked at twice, when it is sent its event and at the end of the turn: to write at once would be faster where one event comes, and several times slower where more do (decision 005).',
    checks: [
      ratio('fan-out-distinct-1000x1x100', 'rate', 0.7, true),
      timesBetter('fan-out-distinct-1000x1x100', 'rate', 'better-sse', 1.6),
      timesBetter('fan-out-distinct-1000x1x100', 'rate', 'hono', 3.5),
    ],
  },
  {
    what: 'cost of a delivery at 10,000 connections, to that at 100',
    goal: 'at most 1.7 ×; that was set where C took 1.55 ×, so at most 1.1 × of what it is for C',
    obstacle: 'The caches of the machine: it grows no less for C.',
    checks: [
      growth('fan-out-100x1x100', 'fan-out-10000x1x100', 'cpu', 1.7),
      growth('fan-out-100x1x100', 'fan-out-10000x1x100', 'cpu', 1.1, true),
    ],
  },
  {
    what: 'latency, 1,000 connections with 20 events a second',
    goal: '99 % within 1.5 × of C',
    obstacle:
      'In a window of twenty events the slowest one decides, which is as often the machine’s doing.',
    checks: [ratio('latency', 'p99', 1.5)],
  },
  {
    what: 'overload, 1,000 connections with 500 events a second',
    goal: '99 % delivered in time, 99 % of them within 25 ms of when they were due',
    checks: [value('overload-500', 'onTime', 99), value('overload-500', 'p99', 25)],
  },
  {
    what: 'heap of an idle connection, on every framework',
    goal: 'at most raw `node:http` and 1 KB',
    obstacle:
      'A stream is a connection, a sink, a subscription, and the promises of its handler (decision 017). Express adds 1.8 KB by itself, and Hono 10 KB: a `Request`, a `Response` with its stream, and a context.',
    checks: [moreThanBaseline('memory', 'heap', 1)],
  },
  {
    what: 'heartbeats of 10,000 connections',
    goal: 'no stall of the event loop above 10 ms, and at most 20 µs each',
    checks: [value('heartbeats', 'stall', 10), value('heartbeats', 'cpu', 20)],
  },
  {
    what: 'a client that never reads',
    goal: 'holds its queue and 1 MB, for ever',
    checks: [value('never-reading', 'growth', 1 + MEGABYTES_OF_A_QUEUE)],
  },
  {
    what: 'opening and closing a connection',
    goal: 'less than 2 µs more than the framework takes, and nothing stays',
    obstacle:
      'A stream takes a first write, a promise, a timer’s slot, a turn, a subscription, listeners and hooks: a dozen things of a microsecond or two, none of them large, and memory that is not in the cache.',
    checks: ['node-http', 'express', 'koa', 'hono'].flatMap((framework) => [
      value(`opens-${framework}`, 'extra', 2),
      value(`opens-${framework}`, 'growth', HEAP_NOISE_BYTES),
    ]),
  },
  {
    what: 'a compressed channel, documents of 650 bytes and chunks of answers',
    goal: 'at most 1.1 × the CPU of one that is not compressed, and an eighth of its bytes',
    obstacle:
      'The values in these documents are random, and nothing compresses them further: `createGzip` by hand comes to the same bytes.',
    checks: ['compression-document', 'compression-chunk'].flatMap((id) => [
      ratioOf('@sse/core gzip, shared', id, 'cpu', 1.1),
      ratioOf('@sse/core gzip, shared', id, 'bytes', 0.125),
    ]),
  },
  {
    what: 'a single token on an idle stream',
    goal: 'leaves within the turn of the event loop that it was yielded in',
    checks: [],
    test: '[node-direct-writes.test.ts](../packages/core/src/sinks/node-direct-writes.test.ts)',
  },
]

/** Holds the goals against what was measured: a goal is met when the worst of ours meets all of its parts. */
export function goalResults(run: RunResult): GoalResult[] {
  return GOALS.map((goal) => {
    const checks = goal.checks.flatMap((check) => check(run) ?? [])
    const verdict = goal.test === undefined ? verdictOf(checks) : 'by a test'
    return { goal, checks, verdict }
  })
}

function verdictOf(checks: readonly Check[]): GoalResult['verdict'] {
  if (checks.length === 0) return 'not measured'
  if (checks.every(({ isMet }) => isMet)) return 'yes'
  return checks.some(({ isMet }) => isMet) ? 'in part' : 'no'
}
