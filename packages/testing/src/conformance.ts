export type { Capabilities } from './conformance/capabilities.ts'
export { defineAdapterConformance } from './conformance/define-adapter-conformance.ts'
export type {
  BoundApp,
  ConformanceServer,
  HandlerScenario,
  RespondScenario,
  ScenarioApp,
  ScenarioRequest,
  ScenarioSource,
  StartServer,
} from './conformance/scenario.ts'
