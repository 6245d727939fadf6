export type Nofile = readonly [soft: number, hard: number]

/** What programs that still use select(2) can bear; setrlimit(2) lets a program that wants more raise it up to the hard limit. */
const USUAL_SOFT = 1024

/**
 * The limit of open files for a container that asks for none, from the text of /proc/self/limits: this process's own hard limit, because
 * raising it takes CAP_SYS_RESOURCE, which root lacks in many a sandbox; not its soft limit, which Node has raised to the hard one.
 */
export function defaultNofile(limits: string): Nofile {
  const [, text = ''] = /^Max open files\s+\S+\s+(\S+)/m.exec(limits) ?? []
  const hard = Number(text)
  return Number.isInteger(hard) && hard > 0 ? [Math.min(USUAL_SOFT, hard), hard] : [USUAL_SOFT, USUAL_SOFT]
}
