// Runs the repository's tasks on a machine that has only Node (>= 18) and npm:
//   node scripts/run.mjs start                 install, then the demo app
//   node scripts/run.mjs test [vitest args]    install, build, check types, lint, then all tests
//   node scripts/run.mjs test:load             install, then the load tests
//   node scripts/run.mjs bench:check            install, then compare what things cost with bounds
//   node scripts/run.mjs release               install, build, publish (CI only)
//   node scripts/run.mjs exec <command …>      any command with the tools on PATH; installs nothing
// The pinned Node and pnpm live in the git-ignored `.tools` folder.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const TOOLS = join(ROOT, '.tools')
const PNPM_VERSION = '12.21.0'
const NODE_VERSION = '24.21.0'
const STOP_GRACE_MS = 15_000
const windows = process.platform === 'win32'

// What npm puts into the environment of its scripts would also configure pnpm and the npm runs of
// our tests. Only what says how to reach the registry may stay.
const NPM_VARIABLE = /^npm_(config|package|lifecycle)_/i
const NPM_NETWORK =
  /^npm_config_(registry|ca|cafile|proxy|https_?proxy|noproxy|userconfig|globalconfig)$/i

const [command = '', ...args] = process.argv.slice(2)
let env = toolEnvironment()
const ownParent = process.ppid
let child
let stopping = false

watchParent()
forwardSignals()
process.exitCode = await main().catch((error) => {
  console.error(error instanceof Error ? error.message : error)
  return 1
})

async function main() {
  if (command === 'exec' && args.length > 0) {
    await installTools()
    return run(args, { cwd: process.cwd() })
  }
  const tasks = { start, test, 'test:load': testLoad, 'bench:check': benchCheck, release }
  const task = Object.hasOwn(tasks, command) ? tasks[command] : undefined
  if (!task) throw new Error('The commands are at the top of scripts/run.mjs.')
  await installTools()
  return (await run(['pnpm', 'install', '--frozen-lockfile'])) || task()
}

// Workspace packages export their sources, which this Node runs as they are: nothing to build.
async function start() {
  return run(['node', join(ROOT, 'apps/rag-chat/src/main.ts'), ...args])
}

// Every step runs, so that one run shows all there is to repair. vitest comes last: its summary is
// what a reader of the log looks for.
async function test() {
  const checks = [
    'turbo run build typecheck typecheck:repo --continue --output-logs=errors-only',
    'oxlint --deny-warnings',
    process.stdout.isTTY ? 'biome ci' : 'biome ci --colors=off',
  ]
  const failed = []
  for (const check of checks) {
    if ((await run(check.split(' '))) !== 0) failed.push(check)
  }
  const code = await run(['vitest', 'run', ...args])
  for (const check of failed) console.error(`Failed before the tests: ${check}`)
  return failed.length > 0 ? 1 : code
}

async function testLoad() {
  return run(['vitest', 'run', '--config', 'vitest.load.config.ts', ...args])
}

async function benchCheck() {
  return run(['node', join(ROOT, 'benchmarks/src/check.ts'), ...args])
}

async function release() {
  return (await run(['turbo', 'run', 'build'])) || run(['changeset', 'publish', ...args])
}

async function installTools() {
  const wanted = { pnpm: PNPM_VERSION, ...(runsTools(process.versions.node) ? {} : pinnedNode()) }
  const missing = Object.entries(wanted).some(
    ([name, version]) => installedVersion(name) !== version,
  )
  if (!missing) return
  mkdirSync(TOOLS, { recursive: true })
  writeFileSync(
    join(TOOLS, 'package.json'),
    JSON.stringify({ private: true, dependencies: wanted }),
  )
  const npm = process.env.npm_execpath ?? ''
  const code = await run(
    [
      ...(/npm-cli\.c?js$/.test(npm) ? [process.execPath, npm] : ['npm']),
      ...['install', '--ignore-scripts', '--no-package-lock', '--no-audit', '--no-fund'],
    ],
    { cwd: TOOLS },
  )
  if (code !== 0) throw new Error('could not install the tools from the npm registry')
  env = toolEnvironment()
}

function pinnedNode() {
  const platform = windows ? 'win' : process.platform
  return { [`node-${platform}-${process.arch}`]: NODE_VERSION }
}

// The range that tsup, vitest and changesets share.
function runsTools(version) {
  const [major, minor] = version.split('.').map(Number)
  return (major === 22 && minor >= 18) || (major === 24 && minor >= 11) || major >= 26
}

function installedVersion(name) {
  const manifest = join(TOOLS, 'node_modules', name, 'package.json')
  return existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).version : undefined
}

function toolEnvironment() {
  const kept = Object.entries(process.env).filter(
    ([name]) => !NPM_VARIABLE.test(name) || NPM_NETWORK.test(name),
  )
  const result = Object.fromEntries(kept)
  const pathName = Object.keys(result).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH'
  const bins = [
    ...nativePnpm(),
    join(TOOLS, 'node_modules', '.bin'),
    join(ROOT, 'node_modules', '.bin'),
  ]
  return {
    ...result,
    [pathName]: [...bins, result[pathName]].join(delimiter),
    TURBO_TELEMETRY_DISABLED: '1',
    DO_NOT_TRACK: '1',
    // Where CI is set, tools would write colours into files and pipes too.
    ...(!process.stdout.isTTY && !process.env.FORCE_COLOR && { NO_COLOR: '1' }),
    // The Node that the machine came with: tests run the built packages on it.
    SSE_HOST_NODE: process.env.SSE_HOST_NODE ?? process.execPath,
    ...(command !== 'exec' && { CI: 'true', pnpm_config_minimum_release_age: '0' }),
  }
}

// Without its install script the `pnpm` command is a shell script that turbo cannot start. npm has
// installed the binary for this platform beside it.
function nativePnpm() {
  const scope = join(TOOLS, 'node_modules', '@pnpm')
  if (!existsSync(scope)) return []
  return readdirSync(scope)
    .filter((name) => name.startsWith('exe.'))
    .map((name) => join(scope, name))
}

/** Runs one command to its end and returns its exit code. */
function run([file, ...rest], { cwd = ROOT } = {}) {
  if (stopping) return Promise.resolve(1)
  return new Promise((resolve) => {
    // A process group of its own, so that stopping reaches what the command has started itself.
    child = spawn(file, rest, { cwd, env, stdio: 'inherit', shell: windows, detached: !windows })
    child.once('error', (error) => {
      console.error(`${file}: ${error.message}`)
      resolve(127)
    })
    child.once('exit', (code) => resolve(code ?? 1))
  })
}

function signalChild(signal) {
  if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return
  try {
    if (windows) child.kill(signal)
    else process.kill(-child.pid, signal)
  } catch {
    // It ended in the meantime.
  }
}

// A terminal signals this process and npm, which signals it again: pass on one of them.
function forwardSignals() {
  let lastAt = 0
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      stopping = true
      if (Date.now() - lastAt < 300) return
      lastAt = Date.now()
      signalChild(signal)
    })
  }
}

// npm and its shell die of a signal without passing it on. Without this the demo would outlive them.
function watchParent() {
  const timer = setInterval(() => {
    if (process.ppid === ownParent) return
    clearInterval(timer)
    stopping = true
    signalChild('SIGTERM')
    setTimeout(() => signalChild('SIGKILL'), STOP_GRACE_MS).unref()
  }, 500)
  timer.unref()
}
