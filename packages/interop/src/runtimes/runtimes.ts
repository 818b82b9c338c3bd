import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { requireToolPackage } from '../require-tool-package.ts'
import { type RuntimeServer, startProcess } from './process.ts'

/** A JavaScript runtime other than Node. */
export interface Runtime {
  /** Starts the app of `app.ts` in it, or another script that it was found for. */
  start(env?: NodeJS.ProcessEnv): Promise<RuntimeServer>
}

/** Bun, if it is there. Runs the sources as they are. */
export function findBun(script = 'serve-bun.ts'): Runtime | undefined {
  const bun = requireToolPackage('Bun', '@oven/bun-linux-x64/bin/bun')
  if (bun === undefined) return undefined
  return { start: (env) => startProcess(bun, [pathOf(script)], env) }
}

/** Deno, if it is there. Runs the sources as they are. */
export function findDeno(script = 'serve-deno.ts'): Runtime | undefined {
  const deno = requireToolPackage('Deno', '@deno/linux-x64-glibc/deno')
  if (deno === undefined) return undefined
  const permissions = ['--allow-net', '--allow-read', '--allow-env']
  const args = ['run', ...permissions, '--no-lock', '--node-modules-dir=manual']
  return { start: (env) => startProcess(deno, [...args, pathOf(script)], env) }
}

/** The runtime of Cloudflare Workers, if it is there. Runs a bundle, as wrangler makes one. */
export function findWorkerd(): Runtime | undefined {
  const workerd = requireToolPackage('workerd', '@cloudflare/workerd-linux-64/bin/workerd')
  if (workerd === undefined) return undefined
  return { start: () => startWorkerd(workerd) }
}

async function startWorkerd(workerd: string): Promise<RuntimeServer> {
  const folder = await mkdtemp(join(tmpdir(), 'sse-interop-workerd-'))
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true })
  const config = join(folder, 'workerd.capnp')
  try {
    await copyFile(pathOf('workerd.capnp'), config)
    await build({
      entryPoints: [pathOf('worker.ts')],
      outfile: join(folder, 'worker.js'),
      bundle: true,
      format: 'esm',
      logLevel: 'error',
    })
    const server = await startProcess(workerd, ['serve', config, '--control-fd=1'])
    return { ...server, close: () => server.close().then(remove) }
  } catch (error) {
    await remove()
    throw error
  }
}

function pathOf(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url))
}
