/** What a pool says, and to whom. */
import { OptionError } from '../errors.js'
import { Emitter, rethrowLater } from './emitter.js'

export interface PoolEvents {
  /** `minThreads` workers run. */
  ready: []
  /** The last unsettled call has settled. */
  drain: []
  /** So many calls wait that it is time to stop calling: see `drained`. */
  needsDrain: []
  /** A callback of a handle threw (without a listener an uncaught exception), workers cannot start, a teardown failed. */
  error: [error: unknown]
  workerExit: [info: { workerId: number; exitCode: number | undefined }]
  workerRespawn: [info: { workerId: number }]
}

const EVENTS: readonly (keyof PoolEvents)[] = ['ready', 'drain', 'needsDrain', 'error', 'workerExit', 'workerRespawn']

/** @internal @throws OptionError */
export function checkEvent<E extends keyof PoolEvents>(event: E): E {
  if (!EVENTS.includes(event))
    throw new OptionError(`there is no event "${String(event)}"; there are ${EVENTS.join(', ')}`)
  return event
}

/** @internal */
export class PoolEmitter extends Emitter<PoolEvents> {
  /** A callback of a handle threw: an uncaught exception when nobody listens. */
  readonly onCallbackError = (error: unknown): void => {
    if (!this.emit('error', error)) rethrowLater(error)
  }
}
