import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SystemApp } from './system.ts'

const MODULE = '/usr/lib/nginx/modules/ngx_nchan_module.so'
const STARTS_WITHIN_MS = 5_000

/** Whether nginx is installed with nchan, as Debian's libnginx-mod-nchan does. */
export function hasNchan(): boolean {
  return existsSync(MODULE) && spawnSync('nginx', ['-v']).status === 0
}

/** nginx with nchan, one worker. This process publishes over a connection that stays open; its time is not counted. */
export async function createNchan(): Promise<SystemApp> {
  const folder = mkdtempSync(join(tmpdir(), 'sse-bench-nchan-'))
  const port = await freePort()
  writeFileSync(join(folder, 'nginx.conf'), configuration(folder, port))
  const nginx = spawn('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const pids = (): number[] => [nginx.pid as number, ...childrenOf(nginx.pid as number)]
  // It holds nothing that must be kept, and waits for its clients where it is asked to end.
  const killAll = (): void => {
    for (const pid of pids()) process.kill(pid, 'SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
  const publisher = await connected(port)
  // It listens before it has a worker.
  while (childrenOf(nginx.pid as number).length === 0) await sleep(10)
  let sent = 0
  let answered = 0
  let waiting: (() => void) | undefined
  publisher.on('close', () => {
    killAll()
    throw new Error('nginx closed the connection that publishes')
  })
  publisher.setEncoding('latin1').on('data', (text: string) => {
    answered += text.split('HTTP/1.1 20').length - 1
    if (answered === sent) waiting?.()
  })
  return {
    port,
    clients: () => subscribers(port),
    publish({ id, data }) {
      const body = JSON.stringify(data)
      publisher.write(
        `POST /pub HTTP/1.1\r\nHost: bench\r\nX-EventSource-Event: tick\r\nX-Bench-Id: ${id}\r\n` +
          `Content-Length: ${body.length}\r\n\r\n${body}`,
      )
      sent += 1
    },
    settled: () =>
      new Promise((resolve) => {
        waiting = resolve
        if (answered === sent) resolve()
      }),
    pids,
    stop: killAll,
  }
}

function configuration(folder: string, port: number): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${join(folder, name)};`)
    .join(' ')
  return `load_module ${MODULE};
daemon off;
worker_processes 1;
worker_rlimit_nofile 20000;
pid ${join(folder, 'nginx.pid')};
error_log stderr crit;
events { worker_connections 15000; }
http {
  access_log off;
  ${temporary}
  client_body_buffer_size 64k;
  keepalive_requests 100000000;
  keepalive_timeout 1d;
  tcp_nodelay on;
  nchan_shared_memory_size 1G;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location = / {
      nchan_subscriber eventsource;
      nchan_channel_id bench;
      nchan_subscriber_first_message newest;
    }
    location = /pub {
      nchan_publisher http;
      nchan_channel_id bench;
      nchan_message_buffer_length 20000;
      nchan_message_timeout 20s;
    }
  }
}
`
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Tries until nginx listens. */
async function connected(port: number): Promise<Socket> {
  const deadline = performance.now() + STARTS_WITHIN_MS
  for (;;) {
    const socket = connect(port, '127.0.0.1').setNoDelay()
    const isOpen = await new Promise((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    })
    if (isOpen) return socket
    if (performance.now() > deadline) throw new Error('nginx does not listen')
    await sleep(20)
  }
}

async function subscribers(port: number): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/pub`, {
    headers: { Accept: 'text/json' },
  })
  const text = await response.text()
  // There is no channel before the first subscriber.
  return response.ok ? Number(JSON.parse(text).subscribers) : 0
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .filter((text) => text !== '')
    .map(Number)
}
