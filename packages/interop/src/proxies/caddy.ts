import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { requireTool } from '../require-tool.ts'
import { type ProxyProgram, readConfig, startProxy } from './proxy.ts'

/** Finds Caddy, whose configurations are in the folder `caddy`. */
export function findCaddy(): ProxyProgram | undefined {
  const caddy = requireTool('Caddy', ['caddy'], 'apt-get install caddy')
  if (caddy === undefined) return undefined
  return {
    start(file, app, edit = (config) => config) {
      const config = edit(readConfig(`caddy/${file}`, app))
      return startProxy({
        command: caddy,
        scheme: 'http',
        // Where it saves what it was told.
        environment: (folder) => ({ XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder }),
        async prepare(folder, port) {
          const path = join(folder, 'Caddyfile')
          const listening = config.replace(':8080', `http://127.0.0.1:${port}`)
          await writeFile(path, listening.replace('{', '{\n\tadmin off'))
          return ['run', '--config', path]
        },
      })
    },
  }
}
