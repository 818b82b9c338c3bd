// Bundled for Cloudflare Workers.
import { createApp } from './app.ts'

interface ExecutionContext {
  waitUntil(work: Promise<unknown>): void
}

const app = createApp()

// oxlint-disable-next-line import/no-default-export -- where Workers look for it
export default {
  fetch: (request: Request, _env: unknown, context: ExecutionContext): Promise<Response> =>
    app(request, (work) => context.waitUntil(work)),
}
