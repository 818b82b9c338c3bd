import type { Server } from 'node:http'

/** A server that sends so many events to whoever asks. */
export type Start = (events: number) => Server | Promise<Server>

/** One of those that are compared. */
export interface OneStreamSystem {
  readonly system: string
  /** Loads only what this one needs: each is a process of its own. */
  load(): Promise<Start>
  readonly path?: string
  /** What part of the events is enough, where each takes long. */
  readonly part?: number
  /** Whether the ids are those that were given. */
  readonly hasIds?: boolean
}

export const BASELINE = 'raw'

const ours = () => import('./ours.ts')
const raw = () => import('./raw.ts')
const peers = () => import('./peers.ts')

export const SYSTEMS: readonly OneStreamSystem[] = [
  { system: BASELINE, load: async () => (await raw()).startRaw },
  { system: '@sse/core/node', load: async () => (await ours()).startNode },
  { system: '@sse/express', load: async () => (await ours()).startExpress },
  { system: '@sse/koa', load: async () => (await ours()).startKoa },
  { system: '@sse/hono', load: async () => (await ours()).startHono },
  { system: '@sse/core fetch', load: async () => (await ours()).startFetch },
  { system: 'better-sse push', load: async () => (await peers()).startBetterSsePush },
  {
    system: 'better-sse iterate',
    load: async () => (await peers()).startBetterSseIterate,
    hasIds: false,
  },
  { system: 'h3', load: async () => (await peers()).startH3 },
  { system: 'hono', load: async () => (await peers()).startHonoStreamSse },
  { system: '@fastify/sse', load: async () => (await peers()).startFastifySse },
  { system: 'koa PassThrough', load: async () => (await raw()).startKoaPassThrough },
  {
    system: 'graphql-sse',
    load: async () => (await peers()).startGraphqlSse,
    path: '/?query=subscription%7Btoken%7D',
    part: 0.1,
    hasIds: false,
  },
]
