// What the projects are tried with. Exact, so that a release elsewhere breaks nothing here; raise them by hand.

export const TOOLS = {
  '@arethetypeswrong/cli': '0.18.5',
  '@types/node': '20.19.43',
  esbuild: '0.28.2',
  publint: '0.3.25',
  rollup: '4.68.7',
  '@rollup/plugin-node-resolve': '16.0.3',
  tsx: '4.23.15',
  typescript: '5.9.3',
  vite: '8.3.8',
  vitest: '4.1.12', // the newest that runs on Node 20
  webpack: '5.112.2',
  'webpack-cli': '7.3.1',
} as const

/** A tool in its version from here, or `name@version`. */
export type Tool = keyof typeof TOOLS | `${string}@${string}`

/** The newest of each line of Node that is supported. */
export const NODES = { 20: '20.20.2', 22: '22.23.3', 24: '24.21.0', 26: '26.10.0' } as const

/** The oldest compiler that is supported, and the newest of each line since the last but one. */
export const TYPESCRIPTS = ['5.7.3', '5.9.3', '6.0.3', '7.0.2'] as const
