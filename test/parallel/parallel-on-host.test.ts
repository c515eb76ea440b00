// The cases of parallel.test.ts without threads.
import '../support/on-host.js'
import './parallel.test.js'
