import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { requireTool } from '../require-tool.ts'

/** A certificate for 127.0.0.1 that signs itself, as PEM and as files. */
export interface Certificate {
  readonly cert: string
  readonly key: string
  readonly certFile: string
  readonly keyFile: string
}

const openssl = requireTool('OpenSSL', ['openssl'], 'apt-get install openssl')

/** Whether {@link certificate} can be called. */
export const canCertify: boolean = openssl !== undefined

let made: Certificate | undefined

/** Makes the certificate of this process, once. */
export function certificate(): Certificate {
  if (made !== undefined) return made
  if (openssl === undefined) throw new Error('there is no openssl to make a certificate with')
  const folder = mkdtempSync(join(tmpdir(), 'sse-interop-cert-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const certFile = join(folder, 'cert.pem')
  const keyFile = join(folder, 'key.pem')
  const options =
    'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1,DNS:localhost'
  const files = ['-keyout', keyFile, '-out', certFile]
  execFileSync(openssl, [...options.split(' '), ...files], { stdio: 'pipe' })
  made = {
    cert: readFileSync(certFile, 'utf8'),
    key: readFileSync(keyFile, 'utf8'),
    certFile,
    keyFile,
  }
  return made
}
