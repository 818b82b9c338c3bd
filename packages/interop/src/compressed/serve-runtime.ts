// Started with Bun and Deno.
import { createChannel, createSse } from '@sse/core'
import { createCompression, type Encoding } from '@sse/core/compression'

interface Runtimes {
  readonly Bun?: {
    serve(options: { hostname: string; port: number; fetch: Handle }): { readonly port: number }
  }
  readonly Deno?: {
    serve(
      options: { hostname: string; port: number; onListen: typeof announce },
      fetch: Handle,
    ): void
  }
}

type Handle = (request: Request) => Promise<Response>

const { Bun, Deno } = globalThis as Runtimes
const channel = createChannel({ history: {} })
const routes = new Map(
  (['gzip', 'br', 'zstd'] as Encoding[]).map((encoding) => {
    const sse = createSse({ compression: createCompression({ encodings: [encoding] }) })
    return [`/${encoding}`, sse.handler((stream) => channel.subscribe(stream, { from: 'start' }))]
  }),
)

const handle: Handle = async (request) => {
  const { pathname, searchParams } = new URL(request.url)
  const route = routes.get(pathname)
  if (route !== undefined) return route(request)
  const text = searchParams.get('text') ?? ''
  if (pathname === '/publish') channel.publish({ event: 'token', data: text })
  else channel.close({ event: 'done' })
  return new Response(null, { status: 204 })
}

if (Bun !== undefined) announce(Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: handle }))
else Deno?.serve({ hostname: '127.0.0.1', port: 0, onListen: announce }, handle)

function announce({ port }: { readonly port: number }): void {
  console.log(JSON.stringify({ port }))
}
