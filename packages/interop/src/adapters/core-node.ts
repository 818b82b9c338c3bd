import type { IncomingMessage, ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import { createSse, type NodeContext, type NodeHandler } from '@sse/core/node'
import { enact, type Visit, type WatcherOf } from '../scenarios/scenario.ts'
import { scenarios } from '../scenarios/scenarios.ts'
import { type App, GONE, PAGE, PAGE_HTML } from './app.ts'

/** The Node door of core, with no framework at all; for `node:http` and `node:http2`. */
export function createCoreNodeApp(watcherOf: WatcherOf): App {
  const sse = createSse()
  const visitOf = ({ req }: NodeContext): Visit => ({
    url: req.url ?? '/',
    httpVersion: req.httpVersion,
    json: () => json(req),
  })
  const handlers = new Map<string, NodeHandler>()
  for (const [path, scenario] of Object.entries(scenarios)) {
    handlers.set(`/${path}`, sse.handler(...enact(scenario, visitOf, watcherOf)))
  }
  const listener = (req: IncomingMessage, res: ServerResponse): void => {
    const { pathname } = new URL(req.url ?? '/', 'http://localhost')
    if (pathname === GONE) return void res.writeHead(204).end()
    if (pathname === PAGE) {
      // Over HTTP/2 this returns nothing to chain on.
      res.setHeader('Content-Type', 'text/html')
      return void res.end(PAGE_HTML)
    }
    const handler = handlers.get(pathname)
    if (handler === undefined) return void res.writeHead(404).end()
    handler(req, res).catch((error: unknown) => res.writeHead(500).end(String(error)))
  }
  return { listener, stats: sse.stats }
}
