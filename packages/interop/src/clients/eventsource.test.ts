import { defineClientCases } from './cases/define-cases.ts'
import { eventsource } from './eventsource.ts'

defineClientCases({ EventSource: [eventsource] })
