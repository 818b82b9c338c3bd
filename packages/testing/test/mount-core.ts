import type { IncomingMessage, ServerResponse } from 'node:http'
import { json } from 'node:stream/consumers'
import type { Compression } from '@sse/core/compression'
import { createSse, type NodeContext, type Sse } from '@sse/core/node'
import type { ScenarioApp } from '../src/conformance.ts'

/** Mounts the scenario app with core alone. */
export function mountCore(
  scenario: ScenarioApp,
  compression: Compression | false = false,
): {
  target: (req: IncomingMessage, res: ServerResponse) => void
  sse: Sse
} {
  const { options, handlers, responders, earlierHeaders, failure } = scenario.bind(
    ({ req }: NodeContext) => ({
      header: (name) => req.headers[name]?.toString(),
      json: () => json(req),
    }),
  )
  const sse = createSse({ ...options, compression })
  const routes = new Map<string, (context: NodeContext) => Promise<void>>()
  for (const { method, path, handler, route } of handlers) {
    const answer = sse.handler(handler, route)
    routes.set(`${method} ${path}`, ({ req, res }) => answer(req, res))
  }
  for (const { path, isAnswered, answer } of responders) {
    routes.set(`get ${path}`, async (context) => {
      if ('x-allowed' in context.req.headers) {
        if (isAnswered) context.res.end('answered')
        return answer((source) => sse.respond(context, source))
      }
      context.res.statusCode = 403
      context.res.end()
    })
  }
  const target = (req: IncomingMessage, res: ServerResponse): void => {
    for (const [name, value] of Object.entries(earlierHeaders)) res.setHeader(name, value)
    const method = req.method === 'POST' ? 'post' : 'get'
    const { pathname } = new URL(req.url ?? '/', 'http://localhost')
    const route = routes.get(`${method} ${pathname}`)
    if (route === undefined) return void res.writeHead(404).end()
    route({ req, res }).catch((error: unknown) => res.writeHead(418).end(failure(error)))
  }
  return { target, sse }
}
