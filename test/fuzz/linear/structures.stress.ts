import { isMainThread } from 'node:worker_threads'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { GAMES, MUTANTS } from '../../../fuzz/linear/games.js'
import { playPart, recordAndCheck } from '../../../fuzz/linear/record.js'
import { play } from '../../ring-buffer/threads.js'

const SEED = Number(process.env.FC_SEED ?? Date.now() % 0x7fffffff)
const ROUNDS = 300
const MATCHES = 100

if (!isMainThread) await play({ playPart })
else {
  for (const name of Object.keys(GAMES)) {
    test(`every history of real threads has an order that explains it: ${name}`, async () => {
      console.log(`\nFC_SEED=${SEED}`)
      let overlaps = 0
      for (let match = 0; match < MATCHES && overlaps === 0; match++) {
        const verdict = await recordAndCheck(import.meta.url, name, SEED + match * 100_000, ROUNDS)
        assert.is(verdict.violation, undefined)
        overlaps += verdict.overlaps
      }
      assert.ok(overlaps > 0, 'no two operations overlapped')
    })
  }

  for (const name of Object.keys(MUTANTS)) {
    test(`a history that nothing explains is found: ${name}`, async () => {
      console.log(`\nFC_SEED=${SEED}`)
      for (let match = 0; match < MATCHES; match++) {
        const { violation } = await recordAndCheck(import.meta.url, name, SEED + match * 100_000, ROUNDS)
        if (violation !== undefined) return
      }
      assert.unreachable(`${MATCHES} times ${ROUNDS} rounds have an explanation`)
    })
  }

  test.run()
}
