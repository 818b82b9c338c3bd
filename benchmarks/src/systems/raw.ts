import { createServer, type ServerResponse } from 'node:http'
import { HEADERS, type SystemApp, type SystemOptions, toBlock } from './system.ts'

/** What people write by hand: a set of responses, and `res.write` to each of them. */
export function createRaw({ heartbeatMs, history = 0 }: SystemOptions): SystemApp {
  const clients = new Set<ServerResponse>()
  const kept: { readonly id: string; readonly block: string }[] = []
  const server = createServer((req, res) => {
    res.writeHead(200, HEADERS).flushHeaders()
    const lastEventId = req.headers['last-event-id']
    if (lastEventId !== undefined) {
      const at = kept.findIndex(({ id }) => id === lastEventId)
      for (const { block } of kept.slice(at + 1)) res.write(block)
    }
    clients.add(res)
    res.on('close', () => clients.delete(res))
  })
  if (heartbeatMs !== undefined) {
    setInterval(() => {
      for (const res of clients) res.write(':\n\n')
    }, heartbeatMs)
  }
  return {
    server,
    clients: () => clients.size,
    publish(tick) {
      const block = toBlock(tick)
      if (history > 0) {
        kept.push({ id: tick.id, block })
        if (kept.length > history) kept.shift()
      }
      for (const res of clients) res.write(block)
    },
    publishEach(toTick) {
      let index = 0
      for (const res of clients) res.write(toBlock(toTick(index++)))
    },
    firstEventId: () => kept[0]?.id ?? '',
  }
}
