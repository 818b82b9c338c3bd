// Started with Bun.
import { createApp } from './app.ts'

interface BunServer {
  readonly port: number
  timeout(request: Request, seconds: number): void
}

interface BunRuntime {
  readonly env: Record<string, string | undefined>
  serve(options: {
    hostname: string
    port: number
    idleTimeout?: number
    fetch(request: Request, server: BunServer): Promise<Response>
  }): BunServer
}

const { Bun } = globalThis as unknown as { Bun: BunRuntime }
const { IDLE_TIMEOUT } = Bun.env
const app = createApp()

const { port } = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  ...(IDLE_TIMEOUT === undefined ? {} : { idleTimeout: Number(IDLE_TIMEOUT) }),
  fetch(request, server) {
    if (new URL(request.url).searchParams.has('untimed')) server.timeout(request, 0)
    return app(request)
  },
})
console.log(JSON.stringify({ port }))
