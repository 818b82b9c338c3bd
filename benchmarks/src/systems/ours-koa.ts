import { createServer } from 'node:http'
import { createSse } from '@sse/koa'
import Koa from 'koa'
import { createOurs } from './ours.ts'
import type { SystemApp, SystemOptions } from './system.ts'

/** `@sse/koa`. */
export function create(options: SystemOptions): SystemApp {
  return createOurs(options, (source, sseOptions) => {
    const listener = new Koa().use(createSse(sseOptions).handler(source)).callback()
    return createServer((req, res) => void listener(req, res))
  })
}
