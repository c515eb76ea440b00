// The cases of pool.test.ts without threads.
import '../support/on-host.js'
import './pool.test.js'
