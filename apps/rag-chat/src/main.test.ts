import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { connect } from '@sse/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { listen } from './listen.ts'

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url))

/** The demo in a process of its own, as `npm start` runs it: without an input. */
interface Run {
  readonly child: ChildProcess
  readonly output: { out: string; error: string }
  /** Resolves with the exit code. */
  readonly exited: Promise<number | null>
}

const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

function run(settings: Record<string, string>): Run {
  const quiet = { OPENAI_BASE_URL: '', OPENAI_MODEL: '', HOST: '', NO_COLOR: '1' }
  const env = { ...process.env, ...quiet, STAGE_DELAY_MS: '1', ...settings }
  const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  children.push(child)
  const output = { out: '', error: '' }
  child.stdout.on('data', (text: Buffer) => (output.out += text.toString()))
  child.stderr.on('data', (text: Buffer) => (output.error += text.toString()))
  return { child, output, exited: once(child, 'close').then(([code]) => code as number | null) }
}

async function urlsOf({ output }: Run): Promise<string[]> {
  await expect.poll(() => output.out + output.error, { timeout: 20_000 }).toContain('Ctrl+C')
  return [...output.out.matchAll(/^ {2}(?:Express|Hono|Koa) +(\S+)$/gm)].map(([, url = '']) => url)
}

describe('npm start', { timeout: 30_000 }, () => {
  it('prints where each framework listens, and a command that asks', async () => {
    const demo = run({ PORT: '0', TOKEN_DELAY_MS: '1' })
    const urls = await urlsOf(demo)
    expect(new Set(urls).size).toBe(3)
    for (const url of urls) {
      await using connection = await connect(url, { path: '/chat', body: { question: 'nginx' } })
      expect((await connection.all()).at(-1)?.event).toBe('done')
    }
    const curl = /curl -N (\S+) -H '(\S+): (\S+)' -d '(.+)'$/m.exec(demo.output.out)
    const [, url = '', header = '', type = '', body] = curl ?? []
    await using asked = await connect(url, { method: 'POST', headers: { [header]: type }, body })
    expect((await asked.all()).at(-1)?.event).toBe('done')

    demo.child.kill('SIGTERM')
    expect(await demo.exited).toBe(0)
    expect(demo.output.error).toBe('')
  })

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'says farewell on %s, and ends with 0',
    async (signal) => {
      const demo = run({ PORT: '0', TOKEN_DELAY_MS: '500' })
      const connections = await Promise.all(
        (await urlsOf(demo)).map((url) =>
          connect(url, { path: '/chat', body: { question: 'nginx' } }),
        ),
      )
      await Promise.all(connections.map((connection) => connection.until('token')))
      demo.child.kill(signal)
      // A terminal signals once more through npm.
      demo.child.kill(signal)
      for (const connection of connections) {
        const farewell = (await connection.all()).at(-1)
        expect(farewell?.json()).toEqual({ error: 'The server is shutting down.' })
      }
      expect(await demo.exited).toBe(0)
      expect(demo.output.out).toContain('Koa: shutdown after')
      expect(demo.output.error).toBe('')
    },
  )

  it('says in one line that a port is in use', async () => {
    await using other = createServer()
    const { port } = new URL(await listen(other, '127.0.0.1', 0))
    const demo = run({ PORT: port })
    expect(await demo.exited).toBe(1)
    expect(demo.output).toEqual({
      out: '',
      error: expect.stringMatching(`^The demo cannot start. Port ${port} of .+ is in use. .+\n$`),
    })
  })

  it('says in one line that a setting cannot be used', async () => {
    const demo = run({ PORT: 'http' })
    expect(await demo.exited).toBe(1)
    expect(demo.output.error).toBe(
      'The demo cannot start. PORT must be an integer from 0 to 65533, got "http".\n',
    )
  })
})
