/** Counts and histograms of a pool, written by the host as calls settle. */
import type { Call } from './calls.js'
import { Histogram } from './histogram.js'

export class Tally {
  completed = 0
  failed = 0
  cancelled = 0
  lost = 0
  respawns = 0
  busyMs = 0
  readonly waitMs = new Histogram()
  readonly runMs = new Histogram()

  settled(call: Call, failed: boolean): void {
    const run = call.finishedMs - call.startedMs
    if (failed) this.failed++
    else this.completed++
    this.busyMs += run
    this.waitMs.record(call.startedMs - call.submittedMs)
    this.runMs.record(run)
  }
}
