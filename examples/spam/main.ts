// npm start: looks for the naive Bayes spam filter that does best on a real corpus, first on one core, then on all.
// node build/examples/spam/main.js [timeline.svg]
import { writeFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { corpus } from './corpus.js'
import { count, countOf } from './format.js'
import { FOLDS, settings } from './grid.js'
import { drawRun } from './picture.js'
import { formatFindings, formatReport } from './report.js'
import { grid, measureDispatch, runInParallel, runSerially, warmUpHere, warmUpWorkers } from './run.js'
import { rank } from './score.js'

const DISPATCH_CALLS = 5000

const file = process.argv[2] ?? 'timeline.svg'

console.log('Which naive Bayes filter tells spam from ham best? A cross-validated grid search.')
console.log(
  `${count(corpus().mails)} mails of the SpamAssassin public corpus, ` +
    `${settings.length} settings × ${FOLDS} folds = ${grid.length} tasks\n`,
)

warmUpHere()
const serial = runSerially('serial   ')
const workers = await warmUpWorkers()
const parallel = await runInParallel(countOf(workers, 'worker').padEnd(9))
const dispatchUs = await measureDispatch(DISPATCH_CALLS)

const equal = isDeepStrictEqual(parallel.results, serial.results)
if (!equal) process.exitCode = 1

console.log(`\n${formatReport({ serial, parallel, equal, dispatchUs, dispatchCalls: DISPATCH_CALLS })}`)
console.log(`\n${formatFindings(rank(serial.results))}`)
writeFileSync(file, drawRun(serial, parallel))
console.log(`\nThe timeline of the parallel run, a row per worker: ${file}`)
