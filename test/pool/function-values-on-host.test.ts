// The cases of function-values.test.ts without threads.
import '../support/on-host.js'
import './function-values.test.js'
