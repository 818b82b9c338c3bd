// A process of its own for each system: its CPU time is then its own, and so is what the compiler learns.
import type { AddressInfo } from 'node:net'
import { SYSTEMS } from './systems.ts'
import type { OneStreamSettings } from './tokens.ts'

const { system, events } = JSON.parse(process.argv[2] ?? '') as OneStreamSettings
const found = SYSTEMS.find((one) => one.system === system)
if (found === undefined) throw new Error(`No system ${system}`)
const start = await found.load()
const server = await start(events)
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
process.on('disconnect', () => process.exit(0))
