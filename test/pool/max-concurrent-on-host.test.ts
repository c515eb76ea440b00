// The cases of max-concurrent.test.ts without threads.
import '../support/on-host.js'
import './max-concurrent.test.js'
