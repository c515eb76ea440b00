/** Which call an error came from: kept beside the error, for whatever catches it. */

/** In milliseconds: from submission to start, from start to end, and their sum; up to now where it has not ended. */
export interface TaskTiming {
  readonly queuedMs: number
  readonly runMs: number
  readonly totalMs: number
}

export interface TaskInfo {
  readonly id: number
  readonly name: string
  /** The worker that ran it; undefined if none did. */
  readonly workerId: number | undefined
  readonly attempt: number
  readonly timing: TaskTiming
}

const infos = new WeakMap<object, TaskInfo>()

/** The first one stays: an error may reach several handles, as that of a pool that cannot start. */
export function noteTask(error: unknown, { id, name, workerId, attempt, timing }: TaskInfo): void {
  if (typeof error !== 'object' || error === null || infos.has(error)) return
  infos.set(error, { id, name, workerId, attempt, timing })
}

/**
 * The call that has failed with this error: its handle's `id`, `name`, `workerId`, `attempt` and `timing`. Undefined for an error
 * of no call of this thread, and for what is no object.
 * @example
 * fib(35).catch((error) => log(`${taskInfo(error)?.name} failed on worker ${taskInfo(error)?.workerId}`))
 */
export function taskInfo(error: unknown): TaskInfo | undefined {
  return typeof error === 'object' && error !== null ? infos.get(error) : undefined
}
