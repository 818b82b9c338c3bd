import { createServer } from 'node:http'
import { createSse } from '@sse/express'
import express from 'express'
import { createOurs } from './ours.ts'
import type { SystemApp, SystemOptions } from './system.ts'

/** `@sse/express`. */
export function create(options: SystemOptions): SystemApp {
  return createOurs(options, (source, sseOptions) =>
    createServer(express().get('/', createSse(sseOptions).handler(source))),
  )
}
