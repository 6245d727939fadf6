/** What the smallest file or directory takes on the usual file systems. */
export const CLUSTER = 4096
