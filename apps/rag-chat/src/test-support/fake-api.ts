import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { listen } from '../listen.ts'
import type { Settings } from '../settings.ts'

/** A chat completions API that does what a test wants. */
export interface FakeApi extends AsyncDisposable {
  readonly api: NonNullable<Settings['api']>
}

export async function startFakeApi(listener: RequestListener): Promise<FakeApi> {
  const server = createServer(listener)
  const baseURL = await listen(server, '127.0.0.1', 0)
  return {
    api: { baseURL, apiKey: 'test-key' },
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/**
 * An API that begins an answer, and says nothing more.
 *
 * @returns `closed` resolves when its client closes the connection.
 */
export async function startSilentApi(): Promise<FakeApi & { readonly closed: Promise<void> }> {
  let onClose = (): void => undefined
  const closed = new Promise<void>((resolve) => {
    onClose = resolve
  })
  const fake = await startFakeApi((_req, res) => {
    res.once('close', onClose)
    res.writeHead(200, { 'Content-Type': 'text/event-stream' }).write(chunkOf('Hm'))
  })
  return { ...fake, closed }
}

/** A chunk of a streamed completion, on the wire. */
export function chunkOf(content: string, finish_reason: 'stop' | null = null): string {
  return `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason }] })}\n\n`
}
