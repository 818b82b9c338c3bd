import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

/**
 * Serves a fetch-style handler in the plainest way: reads the body and writes each chunk. It is the same for all that
 * are compared, and knows nothing of any of them.
 */
export function listenToFetch(answer: (request: Request) => Response | Promise<Response>): Server {
  return createServer((req, res) => {
    serve(req, res, answer).catch((error: unknown) => res.destroy(error as Error))
  })
}

async function serve(
  req: IncomingMessage,
  res: ServerResponse,
  answer: (request: Request) => Response | Promise<Response>,
): Promise<void> {
  const leaving = new AbortController()
  const { lastEventId } = { lastEventId: req.headers['last-event-id'] }
  const request = new Request(`http://${req.headers.host}${req.url}`, {
    headers: lastEventId === undefined ? {} : { 'Last-Event-ID': String(lastEventId) },
    signal: leaving.signal,
  })
  const response = await answer(request)
  res.writeHead(response.status, Object.fromEntries(response.headers)).flushHeaders()
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  res.on('close', () => {
    leaving.abort()
    reader.cancel().catch(() => undefined)
  })
  for (;;) {
    const { done, value } = await reader.read()
    if (done || res.destroyed) break
    if (!res.write(value)) await drained(res)
  }
  res.end()
}

function drained(res: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      res.off('drain', done).off('close', done)
      resolve()
    }
    res.on('drain', done).on('close', done)
  })
}
