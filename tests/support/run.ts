import { execFile } from 'node:child_process'

export interface Outcome {
  code: number
  /** stdout, then stderr. */
  output: string
}

/** Runs a program to its end, without a shell, and never rejects. */
export function run(file: string, args: string[], cwd: string): Promise<Outcome> {
  return new Promise((resolve) => {
    const options = { cwd, maxBuffer: 64 * 1024 * 1024 }
    const child = execFile(file, args, options, (error, stdout, stderr) => {
      const code = error ? (typeof error.code === 'number' ? error.code : 1) : 0
      const reason = error && code !== error.code ? `${error.message}\n` : ''
      resolve({ code, output: `${stdout}${stderr}${reason}` })
    })
    child.stdin?.end()
  })
}
