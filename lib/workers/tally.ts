/** Counts and histograms of a pool, written by the host as calls settle. */
import { type Call, TICKS_PER_MS } from './calls.js'
import { Histogram } from './histogram.js'

export class Tally {
  completed = 0
  failed = 0
  cancelled = 0
  lost = 0
  respawns = 0
  #busyTicks = 0
  readonly wait = new Histogram()
  readonly run = new Histogram()

  settled(call: Call, failed: boolean): void {
    if (failed) this.failed++
    else this.completed++
    this.#busyTicks += call.runTicks
    this.wait.record(call.waitTicks)
    this.run.record(call.runTicks)
  }

  get busyMs(): number {
    return this.#busyTicks / TICKS_PER_MS
  }
}
