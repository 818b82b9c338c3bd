// Started with Deno.
import { createApp } from './app.ts'

interface DenoRuntime {
  serve(
    options: { hostname: string; port: number; onListen(address: { port: number }): void },
    handler: (request: Request) => Promise<Response>,
  ): unknown
}

const { Deno } = globalThis as unknown as { Deno: DenoRuntime }

const app = createApp()

Deno.serve(
  {
    hostname: '127.0.0.1',
    port: 0,
    onListen: ({ port }) => console.log(JSON.stringify({ port })),
  },
  (request) => app(request),
)
