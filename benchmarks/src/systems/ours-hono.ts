import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { createSse } from '@sse/hono'
import { Hono } from 'hono'
import { createOurs } from './ours.ts'
import type { SystemApp, SystemOptions } from './system.ts'

/** `@sse/hono`, on Node. */
export function create(options: SystemOptions): SystemApp {
  return createOurs(options, (source, sseOptions) => {
    const app = new Hono().get('/', createSse(sseOptions).handler(source))
    const listener = getRequestListener(app.fetch)
    return createServer((req, res) => void listener(req, res))
  })
}
