import type { Answer } from '@rt/native/look'

/** One driver of each axis. */
export interface Combination {
  readonly network: string
  readonly storage: string
  readonly isolation: string
}

/** What `rt compare --json` prints. Times are milliseconds, sizes bytes. */
export interface Comparison {
  readonly version: 1
  readonly image: string
  readonly command: readonly string[]
  /** Flags of a run that all of them were given. */
  readonly flags: readonly string[]
  readonly repeat: number
  readonly host: HostFacts
  readonly columns: readonly Column[]
}

/** The host that they ran on, looked at as the containers are. */
export interface HostFacts extends NetworkFacts {
  /** Who was asked for as "outside"; undefined: the host has no default route, and nobody was named. */
  readonly outside?: string
  readonly reach: { readonly outside: Reach }
  readonly processes: number
}

export interface Column extends Combination {
  /** By what differs: `bridge`, or `bridge + copy`. */
  readonly name: string
  /** Why it cannot run here. It then has nothing else. */
  readonly failure?: { readonly message: string; readonly code?: string; readonly remedy?: string }
  readonly results?: Results
  readonly look?: Look
  readonly steps?: readonly ComparedStep[]
}

/** Of all runs of the command. */
export interface Results {
  readonly exitCodes: readonly number[]
  /** From calling rt until the kernel executes the command; undefined: it never did. */
  readonly start?: Figure
  /** From calling rt until it has ended, with everything cleaned up. */
  readonly finish: Figure
  /** What its files take on the disk when it has ended. */
  readonly disk: Figure
  /** The most that its control group was seen to use; undefined: nobody counted, or it was too fast to be seen. */
  readonly memory?: Figure
  readonly output: Output
}

export interface Figure {
  readonly median: number
  readonly least: number
  readonly most: number
}

/** Of the first run. */
export interface Output {
  readonly stdout: string
  readonly stderr: string
  readonly truncated: boolean
  /** Every run wrote the same. */
  readonly steady: boolean
  /** Against the first column that ran: `-` lines of that one, `+` lines of this one. Empty: the same. */
  readonly difference: readonly string[]
}

export interface NetworkFacts {
  readonly interfaces: readonly InterfaceFact[]
  readonly routes: readonly RouteFact[]
}

export interface InterfaceFact {
  readonly name: string
  /** `veth`, `bridge`; undefined for hardware and loopback. */
  readonly kind?: string
  readonly up: boolean
  /** With prefix length. */
  readonly addresses: readonly string[]
  /** The host's interface at its other end, or below it. */
  readonly hostEnd?: string
  /** What it, or its host end, is plugged into. */
  readonly pluggedInto?: string
}

export interface RouteFact {
  readonly to: string
  readonly via?: string
  readonly link?: string
}

/** A container of the same drivers, while it does nothing. */
export interface Look extends NetworkFacts {
  readonly namespaces: readonly { readonly type: string; readonly shared: boolean }[]
  readonly mounts: readonly MountFact[]
  readonly processes: { readonly seen: number; readonly ofHost: boolean }
  readonly memory: { readonly container?: number; readonly monitor?: number }
  /** How its packets leave, as its driver says. */
  readonly way?: 'nat' | 'routed' | 'host' | 'none'
  readonly peer: NetworkFacts & { readonly sameNamespace: boolean }
  readonly reach: Readonly<Record<'gateway' | 'outside' | 'peer' | 'hostPorts', Reach>>
}

export interface MountFact {
  readonly target: string
  readonly type: string
  /** `own`: a file system of this container's, or its own directory; `host`: one that the host has mounted as well. */
  readonly of: 'own' | 'host'
}

export interface Reach {
  readonly reached: boolean
  readonly tried: readonly { readonly address: string; readonly answer: Answer }[]
  /** Why there was nobody to try. */
  readonly why?: string
}

export interface ComparedStep {
  readonly where: string
  readonly operation: string
  readonly why: string
  readonly see: string
  /** With names in place of what every container has of its own: `<id>`, `<address>`. */
  readonly commands: readonly string[]
  /** Done by the first container only, for all that follow. */
  readonly once: boolean
}
