import { createSse } from '@sse/core'
import { listenToFetch } from './fetch-bridge.ts'
import { createOurs } from './ours.ts'
import type { SystemApp, SystemOptions } from './system.ts'

/** `@sse/core` where a handler answers with a `Response`. */
export function create(options: SystemOptions): SystemApp {
  return createOurs(options, (source, sseOptions) =>
    listenToFetch(createSse(sseOptions).handler(source)),
  )
}
