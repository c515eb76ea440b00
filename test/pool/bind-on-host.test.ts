// The cases of bind.test.ts without threads.
import '../support/on-host.js'
import './bind.test.js'
