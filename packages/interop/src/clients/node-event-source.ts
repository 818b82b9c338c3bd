import { SCRIPT, useAgentProcess } from './agent-process.ts'
import type { Client } from './client.ts'

/** The EventSource that Node has built in, behind a flag. */
export function useNodeEventSource(): Client {
  const host = useAgentProcess(process.execPath, [
    '--experimental-eventsource',
    '--disable-warning=UNDICI-ES',
    SCRIPT,
  ])
  return host.client('EventSource', {
    name: "Node's EventSource",
    protocols: ['http/1.1'],
    reconnects: true,
    headerText: 'latin1',
  })
}
