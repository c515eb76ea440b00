export { type Announcer, type Arguments, argumentsOf, Carrier, cloned, takeArguments } from './carrier.js'
export { reviveFailure } from './failures.js'
export { COUNT_PAYLOAD, COUNT_SHIFT, FAILED, SHORT } from './kinds.js'
