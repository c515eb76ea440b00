/* lib/ring-buffer/slot-word.ts: the word that decides everything about a slot, in the few bits that a model needs. */
#define FREE 0
#define QUEUED 1
#define RUNNING 2
#define DONE 3
#define CANCELLED 4
#define LOST 5
#define CONDEMNED 6
#define EXECUTOR(w) (((w) >> 3) & 3)
#define WAITED 32
#define ORPHAN 64
#define GENERATION(w) (((w) >> 7) & 3)

#define STATE(w) ((w) & 7)
#define PACK(state, executor, generation) ((state) | ((executor) << 3) | (((generation) & 3) << 7))
#define WITH_STATE(w, state) (((w) & ~7) | (state))
#define CLAIMED_BY(w, executor) (((w) & ~31) | RUNNING | ((executor) << 3))
/* Submissions.#isFree, without the submitter's own table */
#define REUSABLE(w) (STATE(w) != QUEUED && STATE(w) != RUNNING && STATE(w) != CONDEMNED)

/* One step: compareExchange. */
inline swap(cell, from, to, ok) {
  d_step { if :: cell == from -> cell = to; ok = true :: else -> ok = false fi }
}
