// The cases of children.test.ts without threads.
import '../support/on-host.js'
import './children.test.js'
