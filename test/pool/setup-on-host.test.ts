// The cases of setup.test.ts without threads.
import '../support/on-host.js'
import './setup.test.js'
