// Runs on every runtime: imports no values but those of the packages under test.
import {
  createSse as createFetchSse,
  type EventStream,
  type FetchContext,
  type SseBase,
} from '@sse/core'
import { createSse as createHonoSse } from '@sse/hono'
import { type Context, Hono } from 'hono'
import { channelScenarios, publish, startRun } from './channels.ts'
import { released, tell as report, scenarios, subscribed, type Visit } from './scenarios.ts'

/** Lets something go on after the response, where that is not so anyway. */
type KeepAlive = (work: Promise<unknown>) => void

/** A fetch handler that serves every scenario at `/core/<name>` and `/hono/<name>`. */
export function createApp(): (request: Request, keepAlive?: KeepAlive) => Promise<Response> {
  const core = createCoreRoutes()
  const hono = createHonoRoutes()
  return async (request, keepAlive = () => undefined) => {
    const url = new URL(request.url)
    const [, adapter, name = ''] = url.pathname.split('/')
    if (adapter === 'core') return (await core.get(name)?.(request)) ?? notFound()
    if (adapter === 'hono') return hono.fetch(request)
    const run = url.searchParams.get('run') ?? ''
    if (adapter === 'release') released.add(run)
    if (adapter === 'publish-channel') publish(run, name)
    if (adapter === 'start') keepAlive(startRun(run, name))
    if (adapter === 'publish') await Promise.all(Array.from(subscribed, (each) => each.send(name)))
    if (adapter === 'unsubscribe') for (const stream of subscribed) stream.close()
    return new Response(null, { status: 204 })
  }
}

const notFound = (): Response => new Response(null, { status: 404 })

function createCoreRoutes(): Map<string, Answer<Request>> {
  return createRoutes<Request, FetchContext>({
    create: createFetchSse,
    contextOf: (request: Request) => ({ request }),
    requestOf: ({ request }) => request,
  })
}

function createHonoRoutes(): Hono {
  const app = new Hono()
  const routes = createRoutes<Context, Context>({
    create: createHonoSse,
    contextOf: (c) => c,
    requestOf: (c) => c.req.raw,
  })
  for (const [name, route] of routes) app.all(`/hono/${name}`, route)
  return app
}

type Answer<Input> = (input: Input) => Promise<Response>

/** What differs between the adapters. */
interface Adapter<Input, C> {
  create(): SseBase<C, Answer<Input>, Response>
  contextOf(input: Input): C
  requestOf(context: C): Request
}

/** Made while the module loads, as in a real app. */
function createRoutes<Input, C>(adapter: Adapter<Input, C>): Map<string, Answer<Input>> {
  const sse = adapter.create()
  const closing = adapter.create()
  const visitOf = (stream: EventStream, context: C): Visit =>
    watch(stream, adapter.requestOf(context))
  const routes = new Map<string, Answer<Input>>()
  for (const [name, { options, run }] of Object.entries({ ...scenarios, ...channelScenarios })) {
    routes.set(
      name,
      sse.handler((stream, context) => run(visitOf(stream, context)), options),
    )
  }
  routes.set(
    'closing',
    closing.handler((stream, context) => scenarios['mute']?.run(visitOf(stream, context))),
  )
  routes.set('close', async () => {
    await closing.close({ graceMs: 2_000, event: { event: 'farewell', data: '' } })
    return new Response(null, { status: 204 })
  })
  routes.set('guarded', async (input) => {
    const context = adapter.contextOf(input)
    const isKnown = adapter.requestOf(context).headers.has('Authorization')
    if (!isKnown) return new Response('Who are you?', { status: 401 })
    return sse.respond(context, [{ event: 'step', data: { step: 1 } }])
  })
  routes.set('stats', async () => Response.json(sse.stats()))
  return routes
}

/** Reports the life of a stream. */
function watch(stream: EventStream, request: Request): Visit {
  const { searchParams } = new URL(request.url)
  const run = searchParams.get('run') ?? ''
  const tell: Visit['tell'] = (type, value) => {
    report({ run, type, ...(value === undefined ? {} : { value }) })
  }
  tell('asked')
  stream.signal.addEventListener('abort', () => {
    tell('aborted', (stream.signal.reason as { code: string }).code)
  })
  void stream.ended.then((reason) => tell('ended', reason))
  return { stream, param: (name) => searchParams.get(name), tell }
}
