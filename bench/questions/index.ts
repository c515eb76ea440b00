// Every question, in the order in which BENCHMARKS.md answers them.
import type { Question } from '../question.js'
import { child } from './child.js'
import { cold } from './cold.js'
import { costs } from './costs.js'
import { eventLoop } from './event-loop.js'
import { gate } from './gate.js'
import { growth } from './growth.js'
import { idle } from './idle.js'
import { inFlight } from './in-flight.js'
import { roundTrip } from './round-trip.js'
import { submission } from './submission.js'
import { twoWorkers } from './two-workers.js'

export const questions: readonly Question[] = [
  roundTrip,
  inFlight,
  submission,
  twoWorkers,
  child,
  idle,
  cold,
  growth,
  eventLoop,
  costs,
]

/** @throws Error that names those that there are */
export function findQuestion(name: string): Question {
  const found = [...questions, gate].find((question) => question.name === name)
  if (found !== undefined) return found
  throw new Error(`there is no benchmark "${name}"; there are ${questions.map((question) => question.name).join(', ')}`)
}
