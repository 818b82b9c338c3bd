import type { CreateSystem, SystemApp, SystemOptions } from './system.ts'

/**
 * The systems that run in a Node process, by name. Each loads only what it needs: what is imported counts as memory, and
 * may change what others cost.
 */
export const SYSTEMS: Readonly<Record<string, CreateSystem>> = {
  raw: async (options) => (await import('./raw.ts')).createRaw(options),
  'better-sse': async (options) => (await import('./better-sse.ts')).createBetterSse(options),
  'better-sse fetch': async () => (await import('./better-sse.ts')).createBetterSseFetch(),
  hono: async (options) => (await import('./hono.ts')).createHonoSse(options),
  h3: async (options) => (await import('./h3.ts')).createH3(options),
  '@fastify/sse': async (options) => (await import('./fastify.ts')).createFastify(options),
  'koa PassThrough': async (options) => (await import('./koa.ts')).createKoaPassThrough(options),
  nchan: async () => (await import('./nchan.ts')).createNchan(),
  '@sse/core/node': ours('node'),
  '@sse/express': ours('express'),
  '@sse/koa': ours('koa'),
  '@sse/hono': ours('hono'),
  '@sse/core fetch': ours('fetch'),
  'plain node:http': plain('node'),
  'plain Express': plain('express'),
  'plain Koa': plain('koa'),
  'plain Hono': plain('hono'),
}

function plain(framework: 'node' | 'express' | 'koa' | 'hono'): CreateSystem {
  return async () => (await import('./plain.ts')).PLAIN[framework]()
}

function ours(framework: 'node' | 'express' | 'koa' | 'hono' | 'fetch'): CreateSystem {
  return async (options: SystemOptions): Promise<SystemApp> =>
    (await import(`./ours-${framework}.ts`)).create(options)
}
