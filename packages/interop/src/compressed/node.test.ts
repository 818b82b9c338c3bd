import { eventsource } from '../clients/eventsource.ts'
import { nodeFetch } from '../clients/node.ts'
import { undiciEventSource, undiciFetch } from '../clients/undici.ts'
import { defineCompressedCases } from './cases.ts'

// The certificate of the tests is trusted by no client that cannot be told to.
const trusting = new Set(['undici EventSource', 'undici fetch'])

defineCompressedCases(
  [nodeFetch, undiciFetch, undiciEventSource, eventsource],
  ({ name }, file) => file === 'streaming.conf' && !trusting.has(name),
)
