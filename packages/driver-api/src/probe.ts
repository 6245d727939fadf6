/** What `rt doctor` shows for a driver: can this host do it, and if not, what would make it so. */
export type Probe =
  | {
      readonly ok: true
      readonly detail: string
      /** What would make it better, as a sentence that says how. */
      readonly advice?: string
    }
  | { readonly ok: false; readonly reason: string; readonly remedy: string }
