const TICK_MS = 500

/**
 * The promise's outcome, or a failure that names `what` when there is none for `seconds`. It bounds hangs and measures
 * nothing: ticks are counted, so that a process that was stopped for a while does not fail.
 */
export async function settles<T>(promise: PromiseLike<T>, what = 'it', seconds = 20): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    let ticks = 0
    timer = setInterval(() => {
      if (++ticks * TICK_MS >= seconds * 1000) reject(new Error(`hang: ${what} has not settled for ${seconds} s`))
    }, TICK_MS)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearInterval(timer)
  }
}

/** What the promise rejects with. Fails when it fulfils, or hangs. */
export async function rejectionOf(promise: PromiseLike<unknown>, what?: string): Promise<any> {
  let value: unknown
  try {
    value = await settles(promise, what)
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('hang: ')) throw error
    return error
  }
  throw new Error(`${what ?? 'the promise'} fulfilled with ${String(value)} and was to reject`)
}

/** What the function throws. Fails when it returns. */
export function thrownBy(act: () => unknown): any {
  let value: unknown
  try {
    value = act()
  } catch (error) {
    return error
  }
  throw new Error(`it returned ${String(value)} and was to throw`)
}

/** Resolves when `look` gives true, once per turn of the event loop. */
export function until(look: () => boolean, what: string, seconds?: number): Promise<void> {
  let ended = false
  const watch = async (): Promise<void> => {
    while (!ended && !look()) await new Promise((resolve) => setImmediate(resolve))
  }
  return settles(watch(), what, seconds).finally(() => {
    ended = true
  })
}
