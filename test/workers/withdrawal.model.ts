import { test } from 'uvu'
import { declareTests } from '../../fuzz/model/declare-tests.js'

await declareTests('cancel', 'condemn', 'close', 'moved')
test.run()
