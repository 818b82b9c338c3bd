import { C } from '../systems/start.ts'

/** What is compared where nothing speaks against it. */
export const ALL: readonly string[] = [
  C,
  'nchan',
  'raw',
  'better-sse',
  'koa PassThrough',
  '@fastify/sse',
  'h3',
  'hono',
  '@sse/core/node',
  '@sse/express',
  '@sse/koa',
  '@sse/hono',
]

/** What is enough for every day. */
export const FEW: readonly string[] = [C, 'raw', 'better-sse', '@sse/core/node', '@sse/hono']
