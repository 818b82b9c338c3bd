import { defineClientCases } from './cases/define-cases.ts'
import { nodeFetch, nodeHttp, nodeHttp2 } from './node.ts'
import { useNodeEventSource } from './node-event-source.ts'

defineClientCases({
  EventSource: [useNodeEventSource()],
  reader: [nodeFetch, nodeHttp, nodeHttp2],
})
