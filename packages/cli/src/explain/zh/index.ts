import type { Catalogue } from '../catalogue.ts'
import { cgroups } from './cgroups.ts'
import { isolation } from './isolation.ts'
import { network } from './network.ts'
import { runtime } from './runtime.ts'
import { storage } from './storage.ts'
import { volumes } from './volumes.ts'
import { words } from './words.ts'

/** Chinese, for all that rt and the drivers that it brings say in an explanation. */
export const zh: Catalogue = { ...words, ...runtime, ...isolation, ...cgroups, ...storage, ...network, ...volumes }
