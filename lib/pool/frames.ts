/**
 * The caller's frames of an error that was thrown in another thread: its stack holds the worker's frames, and these are
 * appended. Only failures pay, some microseconds.
 */

/** An error is the caller's once: it may reach him by several ways. */
const traced = new WeakSet<Error>()
const RESOLVED = Promise.resolve()

/** Appends the frames of whoever called `below` on this thread's stack. */
export function appendCaller(error: unknown, below: (...args: never[]) => unknown): void {
  append(error, () => true, below)
}

/**
 * Rejects a promise with `error`, after appending the functions that await it. V8 finds them when a stack is captured in
 * a reaction from which a chain of promises leads to theirs: so the rejection comes a microtask later than a value would.
 */
export function rejectTraced(
  error: unknown,
  resolve: (value: undefined) => void,
  reject: (error: unknown) => void,
): void {
  const trace = (): undefined => {
    append(error, (line) => /^\s+at async /.test(line), trace)
    reject(error)
  }
  RESOLVED.then(trace).then(resolve, reject) // for the chain alone: it is rejected by then
}

function append(error: unknown, mayBe: (line: string) => boolean, below: (...args: never[]) => unknown): void {
  if (!(error instanceof Error) || traced.has(error)) return
  const { stack } = error
  const here: { stack?: unknown } = {}
  Error.captureStackTrace(here, below)
  if (typeof stack !== 'string' || typeof here.stack !== 'string') return // somebody's prepareStackTrace
  const frames = here.stack.split('\n').slice(1).filter(mayBe)
  if (frames.length === 0) return
  traced.add(error)
  try {
    error.stack = `${stack}\n${frames.join('\n')}`
  } catch {
    // frozen by whoever threw it here
  }
}
