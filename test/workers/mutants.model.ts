import { test } from 'uvu'
import { declareMutantTests } from '../../fuzz/model/declare-tests.js'

declareMutantTests('lib/workers/')

test.run()
