export { type Announcer, type Arguments, argumentsOf, Carrier, cloned, takeArguments } from './carrier.js'
export { clonedFailure, reviveFailure, snapshotFailure } from './failures.js'
export { COUNT_PAYLOAD, COUNT_SHIFT, FAILED, SHORT } from './kinds.js'
export { restored, type Snapshot, snapshot } from './serialize.js'
