/** One way to prove oneself that a WWW-Authenticate header offers (RFC 9110, 11.6.1). */
export interface Challenge {
  /** Lower case: `bearer`, `basic`. */
  readonly scheme: string
  readonly parameters: Readonly<Record<string, string>>
}

/** `Bearer realm="https://auth.example/token",service="x", Basic realm="y"`. What cannot be read is left out. */
export const parseChallenges = (header: string | undefined): Challenge[] => {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = []
  const token = /[\s,]*(?:([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))|([A-Za-z][\w-]*)(?=\s|,|$))/gy
  for (let match = token.exec(header ?? ''); match !== null; match = token.exec(header ?? '')) {
    const [, key, quoted, plain, scheme] = match
    if (scheme !== undefined) challenges.push({ scheme: scheme.toLowerCase(), parameters: {} })
    else if (key !== undefined) {
      const last = challenges.at(-1)
      if (last) last.parameters[key.toLowerCase()] = quoted?.replace(/\\(.)/g, '$1') ?? plain ?? ''
    }
  }
  return challenges
}
