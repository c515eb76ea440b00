/** Entry of the workers of chaos: the library's own, with a count of blocks. */
import './blocks-in-use.js'
import { serve } from '../../lib/workers/serve.js'

serve({})
