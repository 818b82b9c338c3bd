import { createInbox } from '../inbox.ts'
import { type Spawned, spawned } from '../spawned.ts'
import type { Report } from './scenarios.ts'

/** The app of `app.ts`, served by a runtime. */
export interface RuntimeServer {
  readonly url: string
  /** Takes the next report of a run, waiting for it if need be. */
  reported(run: string, type: Report['type']): Promise<Report>
  close(): Promise<void>
}

interface Listening {
  readonly port: number
}

/** Starts a runtime that says on stdout where it listens, and then what its scenarios report. */
export async function startProcess(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<RuntimeServer> {
  const program = spawned(command, args, env)
  const lines = createInbox<Report | Listening>(`what ${command} says`)
  program.onLine((line) => {
    if (line.startsWith('{')) lines.put(JSON.parse(line) as Report | Listening)
  })
  return {
    url: `http://127.0.0.1:${await portOf(program, () => lines.take((line) => 'port' in line))}`,
    reported: async (run, type) => {
      return (await lines.take(
        (line) => 'run' in line && line.run === run && line.type === type,
      )) as Report
    },
    // Asked politely, a runtime may wait for streams that a failed test left open.
    close: () => program.stop('SIGKILL'),
  }
}

async function portOf(
  program: Spawned,
  nextPort: () => Promise<Report | Listening>,
): Promise<number> {
  try {
    return ((await nextPort()) as Listening).port
  } catch (error) {
    await program.stop('SIGKILL')
    throw new Error(`the runtime does not listen: ${program.complaints()}`, { cause: error })
  }
}
