import { afterEach, describe, expect, it, vi } from 'vitest'
import { bodyOf, send, serveHttp, type TestServer } from '../test/node-server.ts'
import { createNodeSse, createSse, type NodeContext } from './node-sse.ts'

// Generous: the machine may be busy.
vi.setConfig({ testTimeout: 30_000 })

const servers: TestServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server[Symbol.asyncDispose]()
})

interface Context extends NodeContext {
  readonly user: string
}

describe('createNodeSse', () => {
  function createAdapter(log: string[]) {
    return createNodeSse<Context, (req: Context['req'], res: Context['res']) => Promise<void>>(
      {},
      (answer) => (req, res) => answer({ req, res, user: 'ada' }),
      {
        around: async ({ res, user }, answer) => {
          log.push(`before ${user}, head sent: ${res.headersSent}`)
          await answer()
          log.push(`answered ${user}, head sent: ${res.headersSent}`)
        },
      },
    )
  }

  it('hands its own context to handlers, and lets the adapter do what it has to before and after the head', async () => {
    const log: string[] = []
    const sse = createAdapter(log)
    const handler = sse.handler((_stream, { user }) => [`hello ${user}`])
    const server = await serveHttp((req, res) => void handler(req, res))
    servers.push(server)
    expect(await bodyOf(await send(server.url))).toBe(':\ndata: hello ada\n\n')
    expect(log).toEqual(['before ada, head sent: false', 'answered ada, head sent: true'])
  })

  it('does not go on after the answer where the handler threw before the head', async () => {
    const log: string[] = []
    const sse = createAdapter(log)
    const handler = sse.handler(() => {
      throw new Error('no question')
    })
    const server = await serveHttp((req, res) => {
      handler(req, res).catch((error: Error) => {
        log.push(error.message)
        res.writeHead(500).end()
      })
    })
    servers.push(server)
    expect((await send(server.url)).statusCode).toBe(500)
    expect(log).toEqual(['before ada, head sent: false', 'no question'])
  })
})

describe('createSse', () => {
  const rule = '`@sse/core/node` needs the request and response of a Node server'
  const oneArgument = '`respond()` takes `{ req, res }` as one argument.'

  it.each([
    ['nothing', undefined, `got undefined. ${oneArgument}`],
    ['an empty object', {}, `got {}. ${oneArgument}`],
    [
      'a `req` of the wrong kind',
      { req: new URL('http://localhost/'), res: {} },
      `got \`req\` = an instance of URL and \`res\` = {}. ${oneArgument}`,
    ],
    [
      'a `Request`',
      new Request('http://localhost/'),
      'got an instance of Request. That is a `Request`: use `@sse/core`, or the adapter of your framework.',
    ],
    [
      "Hono's c",
      { req: { raw: new Request('http://localhost/') } },
      "got `req` = an object with raw. That is Hono's `c`: use `@sse/hono`.",
    ],
  ])('refuses a context that is none: %s', async (_name, context, text) => {
    await expect(createSse().respond(context as never, ['a'])).rejects.toMatchObject({
      code: 'ERR_SSE_INVALID_CONTEXT',
      message: `${rule}, ${text}`,
    })
  })

  it('says that respond() takes request and response as one argument', async () => {
    const errors: unknown[] = []
    const server = await serveHttp((req, res) => {
      // As a Node handler is called, so that the source comes as options.
      const respond = createSse().respond as (...args: unknown[]) => Promise<void>
      respond(req, res, ['a']).catch((error) => {
        errors.push(error)
        res.writeHead(500).end()
      })
    })
    servers.push(server)
    await bodyOf(await send(server.url))
    expect(errors).toMatchObject([
      { message: `${rule}, got an instance of IncomingMessage. ${oneArgument}` },
    ])
  })

  it('lets go of the source of a context that is none', async () => {
    const cancel = vi.fn()
    const source = new ReadableStream<string>({ cancel })
    await expect(createSse().respond({} as never, source)).rejects.toThrow(rule)
    expect(cancel).toHaveBeenCalledOnce()
  })

  it('answers from within an ordinary handler, which may have answered otherwise', async () => {
    const sse = createSse()
    const server = await serveHttp((req, res) => {
      if (req.url === '/secret') return void res.writeHead(403).end()
      void sse.respond({ req, res }, ['a'])
    })
    servers.push(server)
    expect((await send(`${server.url}/secret`)).statusCode).toBe(403)
    expect(await bodyOf(await send(server.url))).toBe(':\ndata: a\n\n')
    expect(sse.stats()).toMatchObject({ active: 0, opened: 1 })
  })

  it('refuses a second answer to the same request', async () => {
    const sse = createSse()
    const codes: string[] = []
    const server = await serveHttp((req, res) => {
      void sse.respond({ req, res }, ['a'])
      sse.respond({ req, res }, ['b']).catch((error) => codes.push(error.code))
    })
    servers.push(server)
    expect(await bodyOf(await send(server.url))).toBe(':\ndata: a\n\n')
    expect(codes).toEqual(['ERR_SSE_RESPONSE_SENT'])
    expect(sse.stats().active).toBe(0)
  })
})
