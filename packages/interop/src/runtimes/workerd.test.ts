import { describeRuntime } from './behaviour.ts'
import { findWorkerd } from './runtimes.ts'

describeRuntime('Cloudflare workerd', findWorkerd(), { seesClientLeave: false })
