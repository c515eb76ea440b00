import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { MUTANTS, type Mutant } from '../../fuzz/model/mutants.js'
import { tryMutant } from '../../fuzz/model/try-mutant.js'

// Can a mutant survive? Edits that break nothing must: in the main loop, which calls scripts through an interface; in the host's
// loop; where other functions take steps than before. And an edit that proves nothing must not pass for one that was noticed.

const LIMITS = { states: 1_000_000, seconds: 100 }
const LOOP = 'lib/workers/main-loop.ts'

function planted(name: string, file: string, from: string, to: string, killer = 'pool: one worker, a call'): Mutant {
  return { name: `planted ${name}`, killer, file, from, to }
}

const HARMLESS: readonly Mutant[] = [
  planted('a statistic of the main loop', LOOP, '    this.#completed++\n', '    this.#completed += 2\n'),
  planted(
    'a time of the host loop',
    'lib/workers/host-loop.ts',
    'if (wakeOne(this.#memory)) this.#lingerMs = WOKEN_LINGER_MS',
    'if (wakeOne(this.#memory)) this.#lingerMs = LINGER_MS',
  ),
  planted(
    'a comment in the deque',
    'lib/ring-buffer/deque.ts',
    ' // publish: empty, to steal\n',
    '\n',
    'deque: the last item',
  ),
  // It takes a step now, so it is a generator, and who calls it must know: in two other files, and in a script.
  planted(
    'one step more',
    'lib/workers/submissions.ts',
    '  adopt(id: number, call: Call): void {\n',
    '  adopt(id: number, call: Call): void {\n    load(this.#words, 0)\n',
  ),
]

for (const mutant of HARMLESS) {
  test(`${mutant.name.replace('planted ', '')}: it survives`, async () => {
    const { found, isExhausted } = await tryMutant(mutant, LIMITS)
    assert.is(found, undefined)
    assert.ok(isExhausted)
  })
}

async function refusal(mutant: Mutant): Promise<string> {
  try {
    await tryMutant(mutant, LIMITS)
  } catch (error) {
    return (error as Error).message
  }
  return 'it was tried'
}

test('a mutant whose line is not there any more is refused', async () => {
  const message = await refusal(planted('gone', LOOP, 'a line that was there once', ''))
  assert.match(message, /holds 0 times/)
})

test('a mutant that names no configuration is refused', async () => {
  const message = await refusal(planted('no killer', LOOP, 'this.#completed++\n', '\n', 'pool: none of this name'))
  assert.match(message, /there is no configuration "pool: none of this name"/)
})

test('a mutant that does not compile is refused', async () => {
  const message = await refusal(planted('no program', LOOP, 'this.#completed++\n', 'completed++\n'))
  assert.match(message, /Cannot find name 'completed'/)
})

test('a mutant that only makes the library throw a TypeError is refused', async () => {
  const message = await refusal(planted('a type error', LOOP, 'this.#completed++\n', '(undefined as any).x++\n'))
  assert.match(message, /it proves nothing that pool: one worker, a call ends so: TypeError/)
})

test('no two mutants have one name, for it is also that of their build', () => {
  const names = MUTANTS.map(({ name }) => name.replaceAll(/\W+/g, '-'))
  assert.is(new Set(names).size, names.length)
})

test.run()
