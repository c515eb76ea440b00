/** The pool's life in the words of a pino-like logger: fields first, then the message. */
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
    this.#logger?.debug({ pool: this.#pool, workerId }, 'worker started')
  }

  /** `expected`: it was told to leave, or the pool has closed. */
  workerExited(workerId: number, exitCode: number | undefined, cause: unknown, expected: boolean): void {
    const fields = { pool: this.#pool, workerId, exitCode, ...(cause === undefined ? {} : { err: cause }) }
    if (expected) this.#logger?.debug(fields, 'worker left')
    else this.#logger?.warn(fields, 'worker died')
  }

  workerRespawned(workerId: number): void {
    this.#logger?.info({ pool: this.#pool, workerId }, 'worker replaced')
  }

  needsDrain(unsettled: number): void {
    this.#logger?.warn({ pool: this.#pool, unsettled }, 'the queue has reached its mark')
  }

  failed(error: unknown): void {
    this.#logger?.error({ pool: this.#pool, err: error }, 'pool error')
  }

  closed(report: object): void {
    this.#logger?.info({ pool: this.#pool, ...report }, 'pool closed')
  }
}
