// The cases of overflow.test.ts without threads.
import '../support/on-host.js'
import './overflow.test.js'
