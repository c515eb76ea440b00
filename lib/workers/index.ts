import './function-values.js'

export type { Call, CallSite, Waiter } from './calls.js'
export { NOT_PLACED, TICKS_PER_MS, ticks } from './calls.js'
export { type Arguments, kept, mark, takeArguments, takeForAll } from './codec/index.js'
export {
  type Definition,
  hashSource,
  isEvaluatedHere,
  NO_HASH,
  type Origin,
  type RemoteOrigin,
  TASK,
} from './definition.js'
export type { Child, Family, Submitter } from './family.js'
export type { HistogramSummary } from './histogram.js'
export { Host, type HostOptions } from './host.js'
export { isWorker, workerData, workerId } from './identity.js'
export { inlineSource, isClass } from './inline.js'
export { LocalHost } from './local-host.js'
export {
  availableCores,
  inTestRunner,
  inThisContext,
  isPath,
  onSignal,
  signalSelf,
  urlOfPath,
  type WorkerOptions,
} from './platform-node.js'
export { registeredErrors } from './registered-errors.js'
export { define, PROTOCOL, runtime } from './registry.js'
export { remoteFunction } from './remote.js'
export type { Death, HostEvents, TaskHost, ThreadLimits } from './task-host.js'
