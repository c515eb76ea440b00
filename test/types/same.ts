/** True for two types that no assignment tells apart, `any` and readonly included. */
export type Same<A, B> = (<X>() => X extends A ? 1 : 2) extends <X>() => X extends B ? 1 : 2 ? true : false

/** Compiles for `true` alone. */
export declare function holds<T extends true>(): T
