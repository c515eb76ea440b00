export { type Announcer, Carrier, isMoving } from './carrier.js'
export { clonedFailure, snapshotFailure } from './failures.js'
export { carryFunctions } from './function-references.js'
export { COUNT_PAYLOAD, COUNT_SHIFT, ENTERED, FAILED, hasPayload, SHORT } from './kinds.js'
export { mark, transfersOf } from './moves.js'
export {
  type Arguments,
  argumentsOf,
  cloned,
  hasMoves,
  kept,
  restored,
  type Snapshot,
  snapshot,
  takeArguments,
  takeForAll,
} from './payload.js'
