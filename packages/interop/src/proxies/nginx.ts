import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { certificate } from '../adapters/certificate.ts'
import { requireTool } from '../require-tool.ts'
import { type ProxyProgram, readConfig, startProxy } from './proxy.ts'

// nginx has a folder for each kind of data that it may have to put aside.
const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']

/** Finds nginx, whose configurations are in the folder `nginx`. */
export function findNginx(): ProxyProgram | undefined {
  const nginx = requireTool('nginx', ['nginx', '/usr/sbin/nginx'], 'apt-get install nginx')
  if (nginx === undefined) return undefined
  return {
    start(file, app, edit = (config) => config) {
      const server = edit(readConfig(`nginx/${file}`, app))
      return startProxy({
        command: nginx,
        scheme: server.includes('ssl') ? 'https' : 'http',
        async prepare(folder, port) {
          const path = join(folder, 'nginx.conf')
          await writeFile(path, wrap(folder, listenOn(server, port)))
          // Its own log, or it complains about the system's.
          return ['-p', folder, '-c', path, '-e', 'stderr']
        },
      })
    },
  }
}

function listenOn(server: string, port: number): string {
  return server.replace(/listen 127\.0\.0\.1:\d+/, `listen 127.0.0.1:${port}`)
}

/** What lies around a server in a whole configuration, with nothing outside of the folder. */
function wrap(folder: string, server: string): string {
  return `
    daemon off;
    master_process off;
    pid ${folder}/nginx.pid;
    error_log stderr;
    events {}
    http {
      access_log off;
      ${TEMPORARY.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n')}
      ${server.includes('ssl') ? certify(server) : server}
    }
  `
}

function certify(server: string): string {
  const { certFile, keyFile } = certificate()
  return server.replace('cert.pem', certFile).replace('key.pem', keyFile)
}
