import { test } from 'uvu'
import { declareTests } from '../../fuzz/model/declare-tests.js'

await declareTests('fifo', 'spsc')
test.run()
