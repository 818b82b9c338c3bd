import { type Demo, type DemoHooks, startDemo } from './demo.ts'
import { readSettings, type Settings } from './settings.ts'

const GRACE_MS = 2_000
const QUESTION = 'What does a heartbeat do for proxies?'

try {
  const settings = readSettings(process.env)
  const demo = await startDemo(settings, logEnds)
  announce(demo, settings)
  closeOnSignal(demo)
} catch (error) {
  console.error(`The demo cannot start. ${explain(error)}`)
  process.exitCode = 1
}

function logEnds(name: string): DemoHooks {
  return {
    onEnd(reason, { events, durationMs }) {
      // A question that cannot be answered got a 400, and no stream.
      if (events === 0) return
      console.log(`${name}: ${reason} after ${events} events and ${Math.round(durationMs)} ms`)
    },
  }
}

function announce({ chats, modelServer }: Demo, { api, model }: Settings): void {
  const line = (name: string, text: string): string => `  ${name.padEnd(9)}${text}`
  const urls = chats.map(({ name, url }) => line(name, url))
  console.log(`
The same chat in three frameworks. Open one of them in a browser:

${urls.join('\n')}
${line('Model', `${api?.baseURL ?? modelServer?.url} (${model})`)}

or ask from a terminal:

  curl -N ${chats[0]?.url}/chat -H 'Content-Type: application/json' -d '{"question":"${QUESTION}"}'

Ctrl+C stops it.
`)
}

function closeOnSignal(demo: Demo): void {
  let isClosing = false
  const close = (): void => {
    // A terminal and a process manager may both send one.
    if (isClosing) return
    isClosing = true
    console.log('Shutting down.')
    // Nothing is left then, and the process ends by itself.
    void demo.close(GRACE_MS)
  }
  process.on('SIGTERM', close)
  process.on('SIGINT', close)
}

function explain(error: unknown): string {
  const { code, address, port, message } = error as NodeJS.ErrnoException & {
    readonly address?: string
    readonly port?: number
  }
  if (code !== 'EADDRINUSE') return message
  return `Port ${port} of ${address} is in use. Set PORT to another one (the next two are taken too), or PORT=0 for any free ones.`
}
