// The cases of handle.test.ts without threads.
import '../support/on-host.js'
import './handle.test.js'
