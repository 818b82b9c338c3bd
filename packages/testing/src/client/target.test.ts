import { createServer } from 'node:http'
import { describe, expect, it } from 'vitest'
import { type ConnectTarget, resolveTarget } from './target.ts'

const respond = () => new Response()

describe('resolveTarget', () => {
  it('takes strings and URLs for addresses', () => {
    expect(resolveTarget('http://localhost/')).toMatchObject({ kind: 'url' })
    expect(resolveTarget(new URL('http://localhost/'))).toMatchObject({ kind: 'url' })
  })

  it('takes a function with at most one parameter for a fetch handler', () => {
    expect(resolveTarget(respond).kind).toBe('fetch')
    expect(resolveTarget((request: Request) => new Response(request.url)).kind).toBe('fetch')
  })

  it('takes a function with two parameters for a request listener', () => {
    expect(resolveTarget((_req, res) => void res.end()).kind).toBe('listener')
  })

  it('takes a function with a method handle for a request listener, as Express apps are', () => {
    const app = Object.assign((...args: unknown[]) => args, { handle: () => {} })
    expect(resolveTarget(app as unknown as ConnectTarget).kind).toBe('listener')
  })

  it('takes anything with a method fetch for a fetch app, as Hono apps are', () => {
    const declaresMore = ({ url }: Request, env?: unknown, context?: unknown) =>
      new Response(String([url, env, context]))
    expect(resolveTarget({ fetch: declaresMore }).kind).toBe('fetch')
    expect(resolveTarget(Object.assign(() => new Response(), { fetch: respond })).kind).toBe(
      'fetch',
    )
  })

  it('takes a server for what it is', () => {
    expect(resolveTarget(createServer()).kind).toBe('server')
  })

  it('asks anything with a method callback for its listener, as Koa apps are', () => {
    const listener = () => {}
    const koa = { callback: () => listener, listen: () => {} }
    expect(resolveTarget(koa)).toEqual({ kind: 'listener', listener })
  })

  it('refuses anything else', () => {
    expect(() => resolveTarget({} as ConnectTarget)).toThrow(
      expect.objectContaining({ code: 'ERR_SSE_TEST_TARGET' }),
    )
    expect(() => resolveTarget(null as unknown as ConnectTarget)).toThrow('got null')
  })
})
