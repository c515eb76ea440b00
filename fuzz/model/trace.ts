/** A schedule as text: to be typed in again, and to be read step by step. */
import type { Build } from './build.js'
import { apply, CHOOSE, choiceOf, DIE, eventOf, GO, TIME_OUT, threadOf } from './choices.js'
import { describe, judgeEnd } from './judge.js'
import { Machine } from './machine.js'
import type { Scenario } from './scenario.js'
import type { Site } from './sites.js'

/** `0*5 1*2 1d 2t 0=1`: five steps of thread 0, two of thread 1, its death, a time-out of thread 2, thread 0 chooses 1. */
export function encodeSchedule(schedule: readonly number[]): string {
  const words: string[] = []
  for (let i = 0; i < schedule.length; ) {
    const choice = schedule[i] as number
    let count = 1
    while (schedule[i + count] === choice) count++
    const thread = threadOf(choice)
    const event = eventOf(choice)
    const word = event === GO ? '' : event === DIE ? 'd' : event === TIME_OUT ? 't' : `=${event - CHOOSE}`
    words.push(`${thread}${word}${count > 1 ? `*${count}` : ''}`)
    i += count
  }
  return words.join(',')
}

export function decodeSchedule(text: string): number[] {
  if (text === '') return []
  return text.split(',').flatMap((word) => {
    const match = /^(\d+)(?:([dt])|=(\d+))?(?:\*(\d+))?$/.exec(word)
    if (!match) throw new Error(`"${word}" is no part of a schedule`)
    const [, thread, event, way, count = '1'] = match
    const kind = event === 'd' ? DIE : event === 't' ? TIME_OUT : way !== undefined ? CHOOSE + Number(way) : GO
    return new Array<number>(Number(count)).fill(choiceOf(Number(thread), kind))
  })
}

/** Runs a schedule again and says what each step did; the last line is how it ended. */
export function tellSchedule(
  scenario: Scenario,
  { sites }: Pick<Build, 'sites'>,
  schedule: readonly number[],
): string[] {
  const machine = new Machine(scenario, sites)
  machine.isEager = false
  const lines: string[] = []
  machine.onStep = (thread, number, address, _a, _b, result) => {
    const site = sites[number] as Site
    const value = address < 0 ? '' : ` [${address}]`
    const shown = result === undefined ? '' : ` → ${typeof result === 'object' ? 'a promise' : String(result)}`
    const now = address < 0 || site.operation === 'load' ? '' : `, now ${machine.words[address]}`
    lines.push(
      `${thread.script.name.padEnd(10)} ${site.text}${value}${shown}${now}   ${site.within}, ${site.file}:${site.line}`,
    )
  }
  try {
    machine.reset()
    for (const choice of schedule) {
      const { script } = machine.threads[threadOf(choice)] as { script: { name: string } }
      if (eventOf(choice) === DIE) lines.push(`${script.name.padEnd(10)} dies`)
      if (eventOf(choice) === TIME_OUT) lines.push(`${script.name.padEnd(10)} has waited long enough`)
      apply(machine, choice)
    }
    if (!machine.isAtEnd) lines.push('and so on')
    else {
      judgeEnd(machine)
      lines.push('all is well')
    }
  } catch (error) {
    lines.push(describe(error as Error))
  }
  return lines
}
