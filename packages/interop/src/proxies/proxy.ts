import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Spawned, spawned } from '../spawned.ts'

/** A proxy that runs in front of a server. */
export interface Proxy extends AsyncDisposable {
  /** Where it listens, without a slash at the end. */
  readonly url: string
  close(): Promise<void>
}

/** A kind of proxy that is installed. */
export interface ProxyProgram {
  /**
   * Starts it with a configuration of the guide.
   *
   * @param file - The name of the configuration.
   * @param app - The URL of the server behind it.
   * @param edit - What the test changes.
   */
  start(file: string, app: string, edit?: (config: string) => string): Promise<Proxy>
}

/** How a proxy is run. */
interface ProxyCommand {
  readonly command: string
  readonly scheme: 'http' | 'https'
  /** Its environment, beside that of this process. */
  environment?(folder: string): NodeJS.ProcessEnv
  /** Writes what the program needs into an empty folder. @returns its arguments. */
  prepare(folder: string, port: number): Promise<string[]>
}

// What the configurations say, as in the guide; tests put their own in place of it.
const APP = '127.0.0.1:3000'

const ATTEMPTS = 5
const DEADLINE_MS = 10_000
const POLL_MS = 10

/** Reads a configuration that the guide shows, and points it to a server. */
export function readConfig(file: string, app: string): string {
  const config = readFileSync(new URL(file, import.meta.url), 'utf8')
  return config.replaceAll(APP, new URL(app).host)
}

/** Starts a proxy. Resolves when it listens. */
export async function startProxy(program: ProxyCommand, attempts = ATTEMPTS): Promise<Proxy> {
  const folder = await mkdtemp(join(tmpdir(), 'sse-interop-proxy-'))
  const port = await findFreePort()
  const args = await program.prepare(folder, port)
  const proxy = spawned(program.command, args, program.environment?.(folder))
  const close = async (): Promise<void> => {
    await proxy.stop()
    await rm(folder, { recursive: true, force: true })
  }
  if (await listens(proxy, port)) {
    const url = `${program.scheme}://127.0.0.1:${port}`
    return { url, close, [Symbol.asyncDispose]: close }
  }
  await close()
  // Somebody else took the port between the moment it was found free and now.
  if (attempts > 1 && lostPort(proxy)) return startProxy(program, attempts - 1)
  throw new Error(`${program.command} does not listen: ${proxy.complaints()}`)
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}

async function listens(proxy: Spawned, port: number): Promise<boolean> {
  const deadline = performance.now() + DEADLINE_MS
  const { child } = proxy
  while (child.exitCode === null && child.signalCode === null) {
    const isOpen = await canConnect(port)
    // Whoever else has the port does not count. nginx tries again for a while.
    if (lostPort(proxy) || performance.now() > deadline) return false
    if (isOpen && child.exitCode === null) return true
    await sleep(POLL_MS)
  }
  return false
}

function lostPort({ complaints }: Spawned): boolean {
  return /address already in use/i.test(complaints())
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('error', () => resolve(false))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}
