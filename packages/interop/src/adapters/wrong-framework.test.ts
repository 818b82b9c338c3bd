import { createServer } from 'node:http'
import { createSse as createCoreSse } from '@sse/core'
import { createSse as createNodeSse } from '@sse/core/node'
import { createSse as createExpressSse } from '@sse/express'
import { createSse as createHonoSse } from '@sse/hono'
import { createSse as createKoaSse } from '@sse/koa'
import { type ConnectTarget, connect } from '@sse/testing'
import express, { type ErrorRequestHandler } from 'express'
import { Hono } from 'hono'
import Koa from 'koa'
import { afterEach, describe, expect, it } from 'vitest'

const unhandled: unknown[] = []
const note = (error: unknown): void => void unhandled.push(error)
process.on('unhandledRejection', note)
afterEach(() => expect(unhandled.splice(0)).toEqual([]))

const source = ['never sent']
const events = (): string[] => source

// Handlers of one framework fit into another only for those who do not check types.
type Loose = (...args: unknown[]) => Promise<never>
const loosely = (call: unknown): Loose => call as Loose

const koa = (middleware: Loose): ConnectTarget =>
  new Koa()
    .use(async (ctx, next) => {
      try {
        await next()
      } catch (error) {
        ctx.status = 500
        ctx.body = String(error)
      }
    })
    .use((ctx, next) => middleware(ctx, next))

const hono = (handler: Loose): ConnectTarget => {
  const app = new Hono()
  app.onError((error, c) => c.text(String(error), 500))
  return app.get('/', (c, next) => handler(c, next))
}

const onExpress = (handler: Loose): ConnectTarget => {
  const answer: ErrorRequestHandler = (error, _req, res, next) => {
    if (res.headersSent) next(error)
    else res.status(500).send(String(error))
  }
  return express()
    .get('/', (req, res, next) => void handler(req, res, next).catch(next))
    .use(answer)
}

const onNode = (handler: Loose): ConnectTarget =>
  createServer((req, res) => {
    handler(req, res).catch((error) => res.writeHead(500).end(String(error)))
  })

async function answerOf(target: ConnectTarget): Promise<string> {
  await using connection = await connect(target)
  expect(connection.response.status).toBe(500)
  return await connection.response.text()
}

describe('an adapter in another framework says which one is needed', () => {
  it('@sse/express in Koa', async () => {
    expect(await answerOf(koa(loosely(createExpressSse().handler(events))))).toMatch(
      /^SseError: `@sse\/express` needs Express' request and response, got `req` = an object with .* and `res` = function .*\. That is Koa's `ctx`: use `@sse\/koa`\.$/,
    )
  })

  it('@sse/express in Hono', async () => {
    expect(await answerOf(hono(loosely(createExpressSse().handler(events))))).toMatch(
      /^SseError: `@sse\/express` needs Express' request and response, got `req` = an instance of Context and `res` = function .*\. That is Hono's `c`: use `@sse\/hono`\.$/,
    )
  })

  it('@sse/core/node in Koa', async () => {
    expect(await answerOf(koa(loosely(createNodeSse().handler(events))))).toContain(
      "That is Koa's `ctx`: use `@sse/koa`.",
    )
  })

  it('@sse/koa in Express', async () => {
    expect(await answerOf(onExpress(loosely(createKoaSse().handler(events))))).toBe(
      "SseError: `@sse/koa` needs Koa's `ctx`, got an instance of IncomingMessage. Pass `ctx`, not `ctx.req`.",
    )
  })

  it('@sse/koa in Hono', async () => {
    expect(await answerOf(hono(loosely(createKoaSse().handler(events))))).toContain(
      "`@sse/koa` needs Koa's `ctx`, got `req` = an instance of HonoRequest and `res` = an instance of Response. That is Hono's `c`: use `@sse/hono`.",
    )
  })

  it('@sse/core in node:http', async () => {
    expect(await answerOf(onNode(loosely(createCoreSse().handler(events))))).toBe(
      'SseError: `@sse/core` needs a `Request`, or an object that holds one as `request`, got an instance of IncomingMessage. That is the request of a Node server: use `@sse/core/node`, or the adapter of your framework.',
    )
  })

  it('@sse/core in Koa', async () => {
    expect(await answerOf(koa(loosely(createCoreSse().handler(events))))).toContain(
      "That is Koa's `ctx`: use `@sse/koa`.",
    )
  })

  it('@sse/core in Hono', async () => {
    expect(await answerOf(hono(loosely(createCoreSse().handler(events))))).toContain(
      "got `req` = an instance of HonoRequest. That is Hono's `c`: use `@sse/hono`.",
    )
  })
})

describe('respond() of @sse/hono says what it needs', () => {
  const respond = loosely(createHonoSse().respond)

  it.each([
    ['a Request', (request: Request) => request, 'an instance of Request'],
    [
      'an object that holds one',
      (request: Request) => ({ request }),
      '`request` = an instance of Request',
    ],
    ['nothing', () => undefined, 'undefined'],
  ])('for %s', async (_name, contextOf, shown) => {
    const target = hono((c) => respond(contextOf((c as { req: { raw: Request } }).req.raw), source))
    expect(await answerOf(target)).toBe(
      `SseError: \`@sse/hono\` needs Hono's \`c\`, got ${shown}. Pass \`c\`, not \`c.req.raw\`.`,
    )
  })
})

describe('respond() of @sse/express says what it needs', () => {
  it('for the request and the response as two arguments', async () => {
    const respond = loosely(createExpressSse().respond)
    expect(await answerOf(onExpress((req, res) => respond(req, res, source)))).toBe(
      "SseError: `@sse/express` needs Express' request and response, got an instance of IncomingMessage. `respond()` takes `{ req, res }` as one argument.",
    )
  })
})
