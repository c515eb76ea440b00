import { test } from 'uvu'
import { declareMutantTests } from '../../fuzz/model/declare-tests.js'

declareMutantTests('lib/ring-buffer/')

test.run()
