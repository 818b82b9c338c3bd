import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { PAGE } from '../adapters/app.ts'
import { requireTool } from '../require-tool.ts'
import { createAgentHost } from './agent-client.ts'
import type { Client } from './client.ts'

const AGENT = fileURLToPath(new URL('agent/browser.ts', import.meta.url))
const LAUNCH_TIMEOUT_MS = 60_000
const PROTOCOLS = ['http/1.1', 'h2'] as const

// It is to do nothing but what the tests ask for.
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export function findChromium(): string | undefined {
  const candidates = ['/usr/bin/chromium', 'chromium', 'chromium-browser', 'google-chrome']
  return requireTool('Chromium', candidates, 'apt-get install chromium')
}

/** What a page can open event streams with, in one browser that runs while the tests of the file run. */
export function useChromium(
  executablePath: string,
): Record<'eventSource' | 'fetch' | 'library', Client> {
  const pages = new Map<string, Promise<Page>>()
  let context: BrowserContext | undefined

  const host = createAgentHost((command, { url }) => {
    const page = pages.get(url) ?? openPage(context, url)
    pages.set(url, page)
    page
      .then((opened) => opened.evaluate(`agent(${JSON.stringify(command)})`))
      .catch((error: unknown) => {
        const { id } = command
        host.receive({ id, happening: { type: 'failed', why: String(error) } })
      })
  })

  beforeAll(async () => {
    const browser = await chromium.launch({ executablePath, args: FLAGS })
    context = await browser.newContext({ ignoreHTTPSErrors: true })
    await context.exposeFunction('report', host.receive)
    await context.addInitScript({ content: await bundleAgent() })
  }, LAUNCH_TIMEOUT_MS)
  afterAll(async () => {
    await context?.browser()?.close()
  })

  const shared = { protocols: PROTOCOLS }
  return {
    eventSource: host.client('EventSource', {
      ...shared,
      name: "Chromium's EventSource",
      reconnects: true,
      headerText: 'utf-8',
    }),
    fetch: host.client('fetch', {
      ...shared,
      name: "Chromium's fetch",
      reconnects: false,
      headerText: 'latin1',
    }),
    library: host.client('fetch-event-source', {
      ...shared,
      name: 'fetch-event-source in Chromium',
      reconnects: true,
      headerText: 'latin1',
      reconnectsAfterMs: 1_000,
    }),
  }
}

async function openPage(context: BrowserContext | undefined, url: string): Promise<Page> {
  if (context === undefined) throw new Error('the browser is not open')
  const page = await context.newPage()
  await page.goto(url + PAGE)
  return page
}

async function bundleAgent(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [AGENT],
    bundle: true,
    write: false,
    format: 'iife',
    logLevel: 'error',
  })
  return outputFiles[0]?.text ?? ''
}
