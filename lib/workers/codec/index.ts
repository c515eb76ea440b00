export { type Announcer, Carrier } from './carrier.js'
export { clonedFailure, reviveFailure, snapshotFailure } from './failures.js'
export { COUNT_PAYLOAD, COUNT_SHIFT, FAILED, SHORT } from './kinds.js'
export {
  type Arguments,
  argumentsOf,
  cloned,
  kept,
  restored,
  type Snapshot,
  snapshot,
  takeArguments,
} from './payload.js'
export { carryFunctions } from './references.js'
