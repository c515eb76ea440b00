/**
 * Notices that nothing moves. A timer prints the state when the event loop still turns; a thread of its own ends the process
 * when it does not, for then a blocking wait hangs.
 */
import { Worker } from 'node:worker_threads'
import { add, load } from '#atomics'

const PATROL = `
  const { workerData: { beats, seconds, label } } = require('node:worker_threads')
  const { writeSync } = require('node:fs')
  let seen = -1, still = 0
  setInterval(() => {
    const now = Atomics.load(beats, 0)
    still = now === seen ? still + 1 : 0
    seen = now
    if (still < seconds) return
    writeSync(2, 'watchdog: the thread of chaos is blocked, ' + label + ', round ' + Atomics.load(beats, 1) + '\\n')
    process.kill(process.pid, 'SIGKILL')
  }, 1000)
`

export class Watchdog {
  readonly #beats = new Int32Array(new SharedArrayBuffer(8))
  readonly #timer: NodeJS.Timeout
  readonly #patrol: Worker
  #what = ''
  #seen = -1
  #still = 0

  /** `onHang` is called after `seconds` without a beat; half as long again, and the process is killed. */
  constructor(seconds: number, label: string, onHang: (last: string) => void) {
    this.#patrol = new Worker(PATROL, {
      eval: true,
      workerData: { beats: this.#beats, seconds: Math.ceil(1.5 * seconds), label },
    })
    this.#patrol.unref()
    this.#timer = setInterval(() => {
      const now = load(this.#beats, 0)
      this.#still = now === this.#seen ? this.#still + 1 : 0
      this.#seen = now
      if (this.#still === seconds) onHang(this.#what)
    }, 1_000)
  }

  beat(what: string): void {
    this.#what = what
    add(this.#beats, 0, 1)
  }

  /** So that the last word names the round. */
  round(): void {
    add(this.#beats, 1, 1)
  }

  async end(): Promise<void> {
    clearInterval(this.#timer)
    await this.#patrol.terminate()
  }
}
