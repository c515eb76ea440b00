// The parallel run as a timeline: a hue per length of phrase, darker the more of a mail is read.
import { countOf, percent, seconds } from './format.js'
import { describePhrase, describeSetting, PHRASES, settings, WORDS_READ } from './grid.js'
import type { ParallelRun, SerialRun } from './run.js'
import { drawTimeline } from './timeline.js'

// One row per entry of PHRASES, one column per entry of WORDS_READ. The hues stay apart for the colour-blind.
const COLOURS = [
  ['#1f5fbf', '#4f8fe6', '#9cc3f7'],
  ['#c2570c', '#ee8a3a', '#f9c08c'],
  ['#0f766e', '#2ba79b', '#8ad6cd'],
]

export function drawRun(serial: SerialRun, { ms, spans, workers }: ParallelRun): string {
  const rowOf = new Map(workers.map(({ worker }, row) => [worker, row]))
  return drawTimeline({
    title: `${(serial.ms / ms).toFixed(2)} times as fast on ${countOf(workers.length, 'worker')}`,
    subtitle: `${spans.length} tasks, cross-validating a spam filter: ${seconds(serial.ms)} one after another, ${seconds(ms)} in parallel`,
    endMs: ms,
    rows: workers.map(({ worker, tasks, busyMs }) => ({
      label: `worker ${worker}`,
      note: `${percent(busyMs / ms)} busy, ${countOf(tasks, 'task')}`,
    })),
    bars: spans.map(({ setting, fold, worker, startMs, runMs }) => ({
      row: rowOf.get(worker)!,
      startMs,
      runMs,
      colour: colourOf(settings[setting]!),
      hint: `${describeSetting(settings[setting]!)}, fold ${fold}: ${runMs.toFixed(1)} ms`,
    })),
    legend: PHRASES.map((phrase) => ({
      label: `${describePhrase(phrase)} of the first`,
      swatches: WORDS_READ.map((wordsRead) => ({ label: `${wordsRead}`, colour: colourOf({ phrase, wordsRead }) })),
    })),
  })
}

function colourOf({ phrase, wordsRead }: { readonly phrase: number; readonly wordsRead: number }): string {
  return COLOURS[PHRASES.indexOf(phrase)]![WORDS_READ.indexOf(wordsRead)]!
}
