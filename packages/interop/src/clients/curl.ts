import { spawnSync } from 'node:child_process'
import { requireTool } from '../require-tool.ts'
import { spawned } from '../spawned.ts'
import type { Emit } from './agent/happening.ts'
import { parseInto } from './agent/read.ts'
import { type Client, openWith, resumeHeaders } from './client.ts'

export function findCurl(): string | undefined {
  return requireTool('curl', ['curl'], 'apt-get install curl')
}

/** The command line tool, in each version of HTTP that it speaks. */
export function curlClients(curl: string): readonly Client[] {
  const overHttp1 = [
    curlClient(curl, { name: 'curl --http1.1', protocols: ['http/1.1'] }),
    curlClient(curl, { name: 'curl --http1.0', protocols: ['http/1.1'], httpVersion: '1.0' }),
  ]
  if (!speaksHttp2(curl)) return overHttp1
  return [
    ...overHttp1,
    curlClient(curl, { name: 'curl --http2', protocols: ['h2'] }),
    curlClient(curl, { name: 'curl --http2-prior-knowledge', protocols: ['h2c'] }),
  ]
}

/** The same, asking for compressed streams. */
export function compressingCurlClients(curl: string): readonly Client[] {
  return [
    curlClient(curl, { name: 'curl --compressed', protocols: ['http/1.1'] }),
    curlClient(curl, {
      name: 'curl --http1.0 --compressed',
      protocols: ['http/1.1'],
      httpVersion: '1.0',
    }),
  ]
}

function speaksHttp2(curl: string): boolean {
  const find = (): string | undefined => {
    const { stdout } = spawnSync(curl, ['--version'], { encoding: 'utf8' })
    return stdout?.includes('HTTP2') ? curl : undefined
  }
  return requireTool('curl with HTTP/2', find, 'apt-get install curl') !== undefined
}

function curlClient(
  curl: string,
  traits: Omit<Client, 'open' | 'reconnects' | 'headerText'>,
): Client {
  const flags = traits.name.split(' ').slice(1)
  return {
    ...traits,
    reconnects: false,
    headerText: 'utf-8',
    open: ({ url }, path, options) =>
      openWith(`curl at ${path}`, (emit) => {
        const headers = Object.entries(resumeHeaders(options)).flatMap((pair) => [
          '--header',
          pair.join(': '),
        ])
        const quiet = ['--no-buffer', '--silent', '--show-error', '--include', '--insecure']
        const { child, stop, complaints } = spawned(curl, [
          ...quiet,
          ...flags,
          ...headers,
          url + path,
        ])
        const read = readResponse(emit)
        child.stdout.setEncoding('utf8').on('data', read)
        child.once('close', (code) => {
          // There is no code when a signal ended it, which is how it leaves.
          if (code === 0) emit({ type: 'end' })
          else if (code !== null)
            emit({ type: 'failed', why: `curl ended with ${code}: ${complaints()}` })
        })
        return () => void stop()
      }),
  }
}

/** Takes the head off what curl prints, and reads the rest as an event stream. */
function readResponse(emit: Emit): (text: string) => void {
  const parse = parseInto(emit)
  let head = ''
  let readRest: ((text: string) => void) | undefined
  return (text) => {
    if (readRest !== undefined) return readRest(text)
    head += text
    const end = head.indexOf('\r\n\r\n')
    if (end === -1) return
    const status = /^HTTP\/[\d.]+ (\d+)/.exec(head)?.[1]
    const isStream = status === '200'
    emit(isStream ? { type: 'open' } : { type: 'failed', why: `status ${status}` })
    readRest = isStream ? parse : () => undefined
    readRest(head.slice(end + 4))
  }
}
