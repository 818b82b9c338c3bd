export {
  createNodeSse,
  createSse,
  type NodeContext,
  type NodeHandler,
  type Sse,
} from './node-sse.ts'
export type { NodeRequest, NodeResponse } from './sinks/node-sink.ts'
