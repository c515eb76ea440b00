import { testOnNode } from './on-node.js'

testOnNode(22)
