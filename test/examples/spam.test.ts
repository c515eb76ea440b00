// The example as a newcomer sees it: the same answer on one core and on several, and a picture that is one.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { toCorpus } from '../../examples/spam/corpus.js'
import { FOLDS, settings } from '../../examples/spam/grid.js'
import { crossValidate } from '../../examples/spam/naive-bayes.js'
import { drawRun } from '../../examples/spam/picture.js'
import { grid, runInParallel, runSerially } from '../../examples/spam/run.js'
import { rank } from '../../examples/spam/score.js'
import { drawTimeline, tickTimes } from '../../examples/spam/timeline.js'
import { hashWords, writtenText } from '../../examples/spam/tokenizer.js'
import { configure, defaultPool } from '../../lib/index.js'

test('words differ by their letters and not by their case', () => {
  const [first, second, third] = hashWords('Free FREE fees')
  assert.is(first, second)
  assert.is.not(first, third)
})

test('one letter and a run of more than twenty are no words', () => {
  assert.equal(hashWords(`a ${'x'.repeat(21)} <b>`), [])
  assert.is(hashWords(`$1000, don't ${'x'.repeat(20)}`).length, 3)
})

test('of the headers only the subject is read', () => {
  assert.is(writtenText('Received: from here\nSubject: Money\nX-Id: 1\n\nfor you\n\n'), ' Money\n\nfor you\n\n')
})

test('a mail that repeats another is dropped', () => {
  const { mails, starts, isSpam } = toCorpus([
    { group: 'easy-ham-1', text: 'Subject: hello\n\nfrom me' },
    { group: 'easy-ham-2', text: 'From: other\nSubject: hello\n\nfrom   me' },
    { group: 'spam-1', text: 'Subject: money\n\nfor you now' },
  ])
  assert.is(mails, 2)
  assert.equal([...starts], [0, 3, 7])
  assert.equal([...isSpam], [0, 1])
})

test('what is plain is judged right', () => {
  const mail = (spam: boolean) =>
    spam ? { group: 'spam-1', text: '\n\nbuy pills' } : { group: 'ham', text: '\n\nsee you' }
  const texts = Array.from({ length: 20 }, (_, i) => ({ ...mail(i % 2 === 0), id: i }))
  const corpus = toCorpus(texts.map(({ group, text, id }) => ({ group, text: `${text} ${id}` })))
  for (const setting of settings) assert.equal(crossValidate(corpus, setting, 0), [2, 0, 0, 2])
})

test('the most accurate setting comes first', () => {
  const [best, worst] = rank([...Array(FOLDS).fill([1, 1, 1, 1]), ...Array(FOLDS).fill([3, 1, 0, 2])])
  assert.is(best?.setting, 1)
  assert.is(best?.accuracy, 5 / 6)
  assert.is(best?.precision, 2 / 3)
  assert.is(best?.recall, 1)
  assert.is(worst?.accuracy, 0.5)
})

test('the axis has a few round marks', () => {
  assert.equal(tickTimes(950), [0, 100, 200, 300, 400, 500, 600, 700, 800, 900])
  assert.equal(tickTimes(1.1), [0, 0.2, 0.4, 0.6, 0.8, 1])
  for (let endMs = 0.01; endMs < 1e6; endMs *= 1.7) {
    assert.ok(tickTimes(endMs).length >= 5 && tickTimes(endMs).length <= 11, `${endMs}`)
  }
})

test('text in a picture is escaped', () => {
  const svg = drawTimeline({ title: '<a> & "b"', subtitle: '', endMs: 1, rows: [], bars: [], legend: [] })
  assert.match(svg, '&lt;a&gt; &amp; &quot;b&quot;')
  assertWellFormed(svg)
})

test('workers find what the main thread finds, and each task is one rectangle in the picture', async () => {
  configure({ threads: 2 })
  await defaultPool.ready()
  const some = grid.filter((_, i) => i % 23 === 0)
  const parallel = await runInParallel('2 workers', some)
  const serial = runSerially('serial', some)
  assert.equal(parallel.results, serial.results)
  // On a crowded machine one of them may do it all while the other reads the corpus.
  assert.ok(parallel.workers.length === 1 || parallel.workers.length === 2, `${parallel.workers.length}`)
  assert.is(
    parallel.workers.reduce((sum, { tasks }) => sum + tasks, 0),
    some.length,
  )
  for (const { startMs, runMs } of parallel.spans) {
    assert.ok(
      startMs >= 0 && runMs > 0 && startMs + runMs <= parallel.ms + 1,
      `${startMs} + ${runMs} of ${parallel.ms}`,
    )
  }
  const svg = drawRun(serial, parallel)
  assert.is(svg.match(/<rect /g)?.length, some.length)
  assertWellFormed(svg)
})

/** Every element is closed in order, attributes are quoted, and no bare & or < is left over. */
function assertWellFormed(svg: string) {
  const open: string[] = []
  const rest = svg.replace(
    /<(\/?)([a-z]+)((?:\s+[\w-]+="[^"<]*")*)\s*(\/?)>/g,
    (_, close, name, _attributes, empty) => {
      if (close) assert.is(open.pop(), name)
      else if (!empty) open.push(name)
      return ''
    },
  )
  assert.equal(open, [])
  assert.not.match(rest.replace(/&(?:amp|lt|gt|quot);/g, ''), /[<&]/)
}

test.run()
