// Bundled for Cloudflare Workers.
import { createApp } from './app.ts'

// oxlint-disable-next-line import/no-default-export -- where Workers look for it
export default { fetch: createApp() }
