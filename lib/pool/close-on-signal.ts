/** The one place where this library touches process-wide handlers, and only when it is asked to. */
import { OptionError } from '../errors.js'
import { onSignal, signalSelf } from '../workers/index.js'
import { checkDuration, checkObject, wrong } from './checks.js'
import { Pool } from './pool.js'

/** Pools that are being closed because of a signal: the last one passes it on. */
let closing = 0

/**
 * Closes a pool when the process gets a signal, then lets the signal do what it would have done: end the process, unless
 * the application listens for it too. A second signal does not wait for the first.
 * @param options `signals`: default SIGINT and SIGTERM; `timeout`: as in `close`, in ms, default 30,000
 * @returns dispose it to stop listening
 * @throws OptionError `ERR_PARALLEL_OPTION` for something that is no pool, a signal that does not exist, a wrong timeout
 * @example
 * using guard = closeOnSignal(pool, { signals: ['SIGTERM'] })
 */
export function closeOnSignal(
  pool: Pool,
  options: { readonly signals?: readonly string[] | undefined; readonly timeout?: number | undefined } = {},
): Disposable {
  if (!(pool instanceof Pool)) throw wrong('closeOnSignal: pool', pool, 'a Pool')
  checkObject('closeOnSignal', options, ['signals', 'timeout'])
  const { signals = ['SIGINT', 'SIGTERM'], timeout } = options
  if (!Array.isArray(signals) || signals.length === 0)
    throw wrong('closeOnSignal: signals', signals, 'an array of signal names')
  checkDuration('closeOnSignal: timeout', timeout)
  const stops: (() => void)[] = []
  const stop = (): void => {
    for (const end of stops.splice(0)) end()
  }
  const close = (signal: string): void => {
    stop() // from here on a signal has its usual effect
    closing++
    void pool.close({ timeout }).finally(() => {
      if (--closing === 0) signalSelf(signal)
    })
  }
  for (const signal of new Set<string>(signals)) {
    const end = onSignal(signal, () => close(signal))
    if (end === undefined) {
      stop()
      throw new OptionError(`closeOnSignal: there is no signal ${String(signal)} to listen for; a name is like SIGTERM`)
    }
    stops.push(end)
  }
  return { [Symbol.dispose]: stop }
}
