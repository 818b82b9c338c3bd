import { createServer } from 'node:http'
import { type Channel, createChannel } from '@sse/core'
import { createCompression } from '@sse/core/compression'
import { createSse } from '@sse/core/node'
import { serve } from '@sse/testing'
import { PAGE, PAGE_HTML } from '../adapters/app.ts'

/** Where the channel can be followed. */
export const PATH = '/channel'

/** A server whose streams all follow one channel, compressed for those who accept it. */
export interface CompressedServer {
  readonly url: string
  readonly protocol: 'http/1.1'
  readonly channel: Channel
  /** In which encoding each stream went out so far. */
  readonly encodings: readonly (string | undefined)[]
  close(): Promise<void>
}

export async function startCompressedServer(): Promise<CompressedServer> {
  const channel = createChannel({ history: {} })
  const sse = createSse({ compression: createCompression() })
  const follow = sse.handler((stream) => channel.subscribe(stream))
  const encodings: (string | undefined)[] = []
  const server = createServer((req, res) => {
    if (req.url === PAGE) return void res.setHeader('Content-Type', 'text/html').end(PAGE_HTML)
    if (req.url?.startsWith(PATH) !== true) return void res.writeHead(404).end()
    const { writeHead } = res
    // Headers that are given to `writeHead` cannot be asked for later.
    res.writeHead = (...args: unknown[]) => {
      encodings.push((args.at(-1) as Record<string, string>)['Content-Encoding'])
      return Reflect.apply(writeHead, res, args)
    }
    void follow(req, res)
  })
  const { url, close } = await serve(server)
  return { url, protocol: 'http/1.1', channel, encodings, close }
}
