import { connect } from '@sse/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RuntimeServer } from '../runtimes/process.ts'
import { findBun, findDeno, type Runtime } from '../runtimes/runtimes.ts'

const TIMEOUT_MS = 30_000
const LAUNCH_TIMEOUT_MS = 60_000
const EVENTS = 30
const SCRIPT = '../compressed/serve-runtime.ts'

// Found with requireTool().
const runtimes = [
  { name: 'Bun', runtime: findBun(SCRIPT) },
  { name: 'Deno', runtime: findDeno(SCRIPT) },
]

for (const { name, runtime } of runtimes) {
  describe.skipIf(runtime === undefined)(`streams of ${name}`, { timeout: TIMEOUT_MS }, () => {
    let server: RuntimeServer
    beforeAll(async () => {
      server = await (runtime as Runtime).start()
    }, LAUNCH_TIMEOUT_MS)
    afterAll(() => server.close())

    it.each(['gzip', 'br', 'zstd'])(
      'compressed with %s can be decoded as they come',
      async (encoding) => {
        const headers = { 'accept-encoding': encoding }
        const open = () => connect(server.url, { path: `/${encoding}`, headers })
        await using first = await open()
        await using second = await open()
        expect(first.response.headers.get('content-encoding')).toBe(encoding)
        for (let number = 0; number < EVENTS; number += 1) {
          const text = `${encoding} ${number} and what all of them have in common`
          await fetch(`${server.url}/publish?text=${encodeURIComponent(text)}`)
          const isIt = ({ data }: { data: string }): boolean => data === text
          for (const connection of [first, second]) await connection.until(isIt)
        }
      },
    )

    it('compressed with gzip are complete when they end', async () => {
      const headers = { 'accept-encoding': 'gzip' }
      await using connection = await connect(server.url, { path: '/gzip', headers })
      await fetch(`${server.url}/close`)
      expect((await connection.all()).at(-1)?.event).toBe('done')
      expect(await connection.ended()).toBe('completed')
    })
  })
}
