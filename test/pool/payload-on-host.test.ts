// The cases of payload.test.ts without threads.
import '../support/on-host.js'
import './payload.test.js'
