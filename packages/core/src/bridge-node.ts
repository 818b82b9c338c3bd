export type { CreateBridgeSink } from './bridge.ts'
export { createBridgeSink } from './sinks/node-bridge.ts'
