import { defineClientCases } from './cases/define-cases.ts'
import { undiciEventSource, undiciFetch } from './undici.ts'

defineClientCases({ EventSource: [undiciEventSource], reader: [undiciFetch] })
