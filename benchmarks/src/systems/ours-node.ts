import { createServer } from 'node:http'
import { createSse } from '@sse/core/node'
import { createOurs } from './ours.ts'
import type { SystemApp, SystemOptions } from './system.ts'

/** `@sse/core/node`. */
export function create(options: SystemOptions): SystemApp {
  return createOurs(options, (source, sseOptions) => {
    const handler = createSse(sseOptions).handler(source)
    return createServer((req, res) => {
      handler(req, res).catch((error: unknown) => res.destroy(error as Error))
    })
  })
}
