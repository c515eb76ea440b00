import { test } from 'uvu'
import { declareMutantTests } from '../../fuzz/model/declare-tests.js'

declareMutantTests('lib/scheduler/')

test.run()
