import { createServer } from 'node:http'
import { describe, expect, it } from 'vitest'
import { listen } from './listen.ts'
import { startTestDemo } from './test-support/test-demo.ts'

async function freeUrls(): Promise<[string, string, string]> {
  await using one = createServer()
  await using two = createServer()
  await using three = createServer()
  const host = '127.0.0.1'
  return [await listen(one, host, 0), await listen(two, host, 0), await listen(three, host, 0)]
}

describe('the demo', () => {
  it('serves each framework on its own port', async () => {
    const [express, hono, koa] = await freeUrls()
    const portOf = (url: string): number => Number(new URL(url).port)
    await using demo = await startTestDemo({ ports: [portOf(express), portOf(hono), portOf(koa)] })
    expect(demo.demo.chats.map(({ name, url }) => [name, url])).toEqual([
      ['Express', express],
      ['Hono', hono],
      ['Koa', koa],
    ])
  })
})
