import { defineClientCases } from './cases/define-cases.ts'
import { openai } from './openai.ts'

defineClientCases({ openai: [openai] })
