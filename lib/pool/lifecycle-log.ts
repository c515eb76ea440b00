/** The pool's life in the words of a pino-like logger: fields first, then the message. */
import { rethrowLater } from './emitter.js'

/** pino, winston's and bunyan's siblings, or console. */
export interface HostLogger {
  debug(fields: object, message?: string): void
  info(fields: object, message?: string): void
  warn(fields: object, message?: string): void
  error(fields: object, message?: string): void
}

export class LifecycleLog {
  readonly #logger: HostLogger | undefined
  readonly #pool: string

  constructor(logger: HostLogger | undefined, pool: string) {
    this.#logger = logger
    this.#pool = pool
  }

  workerStarted(workerId: number): void {
    this.#say('debug', { workerId }, 'worker started')
  }

  /** `expected`: it was told to leave, or the pool has closed. */
  workerExited(workerId: number, exitCode: number | undefined, cause: unknown, expected: boolean): void {
    const fields = { workerId, exitCode, ...(cause === undefined ? {} : { err: cause }) }
    if (expected) this.#say('debug', fields, 'worker left')
    else this.#say('warn', fields, 'worker died')
  }

  workerRespawned(workerId: number): void {
    this.#say('info', { workerId }, 'worker replaced')
  }

  needsDrain(unsettled: number): void {
    this.#say('warn', { unsettled }, 'the queue has reached its mark')
  }

  failed(error: unknown): void {
    this.#say('error', { err: error }, 'pool error')
  }

  closed(report: object): void {
    this.#say('info', report, 'pool closed')
  }

  /** A logger that throws is an uncaught exception, as a listener is, and harms nobody else. */
  #say(level: keyof HostLogger, fields: object, message: string): void {
    try {
      this.#logger?.[level]({ pool: this.#pool, ...fields }, message)
    } catch (error) {
      rethrowLater(error)
    }
  }
}
