import { getRequestListener } from '@hono/node-server'
import { type Sse as CoreSse, createSse as createCoreSse, type FetchContext } from '@sse/core'
import { type Compression, createCompression } from '@sse/core/compression'
import type { FetchApp } from '@sse/testing'
import { defineAdapterConformance, type ScenarioApp } from '@sse/testing/conformance'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { compress } from 'hono/compress'
import { cors } from 'hono/cors'
import { createSse, type Sse } from './index.ts'

const noConnection = 'a Response has no access to the connection below it'
const knownFailures = { 'SSE-DOWN-13': noConnection, 'SSE-DOWN-14': noConnection }

defineAdapterConformance('Hono in process', mount, { sockets: false, knownFailures })

defineAdapterConformance('Hono on node:http', onNode)

defineAdapterConformance('Hono on node:http2', onNode, { http2: true, knownFailures })

defineAdapterConformance(
  'Hono on node:http with compression and CORS middleware',
  (scenario) => onNode(scenario, compress(), cors()),
  { compression: true, cors: true },
)

defineAdapterConformance(
  'Hono on node:http, where it stays open who reads the body',
  (scenario) => onNode(scenario, hideReaders),
  { knownFailures },
)

/** Without the method that the sink gives it, nothing is known of those who read a body. */
async function hideReaders(c: Context, next: () => Promise<void>): Promise<void> {
  await next()
  if (c.res.body !== null) Reflect.deleteProperty(c.res.body, 'getReader')
}

const compressed = createCompression()

defineAdapterConformance(
  'Hono in process, compressed with gzip',
  (scenario) => mountWith(compressed, scenario),
  { encoding: 'gzip', sockets: false, knownFailures },
)

defineAdapterConformance(
  'Hono on node:http with compression middleware, compressed with gzip',
  (scenario) => {
    const { target, sse } = mountWith(compressed, scenario, compress())
    return { target: getRequestListener(target.fetch), sse }
  },
  {
    encoding: 'gzip',
    knownFailures: { 'SSE-ZIP-05': 'the middleware compresses refusals' },
  },
)

function onNode(
  scenario: ScenarioApp,
  ...middleware: MiddlewareHandler[]
): { target: ReturnType<typeof getRequestListener>; sse: Sse } {
  const { target, sse } = mount(scenario, ...middleware)
  return { target: getRequestListener(target.fetch), sse }
}

function mount(
  scenario: ScenarioApp,
  ...middleware: MiddlewareHandler[]
): ReturnType<typeof mountWith> {
  return mountWith(false, scenario, ...middleware)
}

function mountWith(
  compression: Compression | false,
  scenario: ScenarioApp,
  ...middleware: MiddlewareHandler[]
): { target: Hono; sse: Sse } {
  const { options, handlers, responders, earlierHeaders, failure } = scenario.bind(
    (c: Context) => ({ header: (name) => c.req.header(name), json: () => c.req.json() }),
  )
  const sse = createSse({ ...options, compression })
  const app = new Hono()
  app.use(...middleware, async (c, next) => {
    for (const [name, value] of Object.entries(earlierHeaders)) c.header(name, value)
    await next()
  })
  for (const { method, path, handler, route } of handlers) {
    app[method](path, sse.handler(handler, route))
  }
  for (const { path, isAnswered, answer } of responders) {
    app.get(path, async (c) => {
      if (c.req.header('x-allowed') === undefined) return c.body(null, 403)
      if (isAnswered) c.res = c.text('answered')
      return answer((source) => sse.respond(c, source))
    })
  }
  app.onError((error, c) => c.text(failure(error), 418))
  return { target: app, sse }
}

// Here because the bridge from fetch to Node is a dependency of this package, and of none below it.
defineAdapterConformance('core fetch in process', mountCore, {
  sockets: false,
  earlierHeaders: false,
  answersFirst: false,
})

defineAdapterConformance(
  'core fetch on node:http',
  (scenario) => {
    const { target, sse } = mountCore(scenario)
    return { target: getRequestListener(target.fetch), sse }
  },
  { earlierHeaders: false, answersFirst: false, knownFailures },
)

defineAdapterConformance(
  'core fetch in process, compressed with gzip',
  (scenario) => mountCore(scenario, compressed),
  { encoding: 'gzip', sockets: false, earlierHeaders: false, answersFirst: false },
)

function mountCore(
  scenario: ScenarioApp,
  compression: Compression | false = false,
): { target: FetchApp; sse: CoreSse } {
  const { options, handlers, responders, failure } = scenario.bind(({ request }: FetchContext) => ({
    header: (name) => request.headers.get(name) ?? undefined,
    json: () => request.json(),
  }))
  const sse = createCoreSse({ ...options, compression })
  const routes = new Map<string, (request: Request) => Promise<Response>>()
  for (const { method, path, handler, route } of handlers) {
    routes.set(`${method} ${path}`, sse.handler(handler, route))
  }
  for (const { path, answer } of responders) {
    routes.set(`get ${path}`, async (request) => {
      if (!request.headers.has('x-allowed')) return new Response(null, { status: 403 })
      return answer((source) => sse.respond({ request }, source))
    })
  }
  const fetch = async (request: Request): Promise<Response> => {
    const method = request.method === 'POST' ? 'post' : 'get'
    const route = routes.get(`${method} ${new URL(request.url).pathname}`)
    try {
      return (await route?.(request)) ?? new Response(null, { status: 404 })
    } catch (error) {
      return new Response(failure(error), { status: 418 })
    }
  }
  return { target: { fetch }, sse }
}
