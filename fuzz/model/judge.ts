/** What an execution has come to, and how that is told. */
import type { Machine } from './machine.js'
import type { Site } from './sites.js'
import { ENDED, Failure, READY, WOKEN } from './thread.js'

/** No thread can go on: every one has ended, or waits and may. */
export function judgeEnd(machine: Machine): void {
  const stuck = machine.threads.filter(({ script, status }) => script.isDaemon !== true && status < ENDED)
  if (stuck.length > 0) {
    const names = stuck.map(
      ({ script, status }) => `${script.name}${status === READY || status === WOKEN ? '' : ' (asleep)'}`,
    )
    throw new Failure(`deadlock: ${names.join(', ')} cannot go on`)
  }
  const end = machine.play?.end
  if (end !== undefined) machine.alone(() => machine.play?.end?.())
}

export function describe(error: Error): string {
  if (error instanceof Failure || error.name === 'Violation') return error.message
  return `${error.name}: ${error.message}${error.name === 'TypeError' ? `\n${error.stack}` : ''}`
}

export function placeOf(site: Site): string {
  return `${site.text} in ${site.within} (${site.file}:${site.line})`
}
