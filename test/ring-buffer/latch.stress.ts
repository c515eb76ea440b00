import { isMainThread } from 'node:worker_threads'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { peek, poke } from '#atomics'
import { Latch } from '../../lib/ring-buffer/index.js'
import { play, Rounds, together } from './threads.js'

interface Shared {
  /** For each latch its word and one that its setter writes before. */
  readonly words: Int32Array
  readonly threads: number
  readonly self: number
}

const LATCHES = 15_000
const OVER = -1
/** No test waits for this; a lost wake-up does, and is counted. */
const LOST_MS = 10_000

/** Sets every latch whose turn it is, waits for all others. Returns how many waits did not end as they should. */
function takeTurns({ words, threads, self }: Shared): number {
  const rounds = new Rounds(LATCHES - threads)
  let wrong = 0
  for (let i = 0; ; i++) {
    const latch = new Latch(words, 2 * i)
    if (i % threads === self) {
      const over = rounds.isOver(i)
      poke(words, 2 * i + 1, over ? OVER : i) // owned: read only after set
      latch.set()
      if (over) return wrong
    } else if (latch.wait(LOST_MS)) {
      const written = peek(words, 2 * i + 1) // owned: written before set
      if (written === OVER) return wrong
      if (written !== i) wrong++
    } else wrong++
  }
}

async function waitForOthers({ words, threads, self }: Shared): Promise<number> {
  const rounds = new Rounds(LATCHES - threads)
  let wrong = 0
  for (let i = 0; ; i++) {
    const latch = new Latch(words, 2 * i)
    if (i % threads === self) {
      const over = rounds.isOver(i)
      poke(words, 2 * i + 1, over ? OVER : i) // owned: read only after set
      latch.set()
      if (over) return wrong
    } else if (await latch.waitAsync(LOST_MS)) {
      const written = peek(words, 2 * i + 1) // owned: written before set
      if (written === OVER) return wrong
      if (written !== i) wrong++
    } else wrong++
  }
}

const shareAll = () => new Int32Array(new SharedArrayBuffer(2 * LATCHES * 4))

if (!isMainThread) await play({ takeTurns, waitForOthers })
else {
  test('whoever sets and whoever waits, everybody gets through every latch', async () => {
    const shared = { words: shareAll(), threads: 3 }
    const parts = [1, 2].map((self) => ({ role: 'takeTurns', data: { ...shared, self } }))
    const wrong = await together<number, number>(import.meta.url, parts, () => takeTurns({ ...shared, self: 0 }))
    assert.equal([wrong.own, ...wrong.others], [0, 0, 0])
  })

  test('async waiters get through every latch', async () => {
    const shared = { words: shareAll(), threads: 2 }
    const parts = [{ role: 'waitForOthers', data: { ...shared, self: 1 } }]
    const wrong = await together<number, number>(import.meta.url, parts, () => waitForOthers({ ...shared, self: 0 }))
    assert.equal([wrong.own, ...wrong.others], [0, 0])
  })

  test.run()
}
