import { mountCore } from '../../test/mount-core.ts'
import { defineAdapterConformance } from '../conformance.ts'

// Here and not in core, which nothing may depend on that depends on it. The fetch-style runs are in `@sse/hono`.
defineAdapterConformance('core on node:http', (scenario) => mountCore(scenario))

defineAdapterConformance('core on node:http2', (scenario) => mountCore(scenario), { http2: true })
