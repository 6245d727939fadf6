import { testStorageDriver } from '../src/index.ts'
import { storageChecks } from '../src/storage/checks.ts'
import Plain from './good/storage.ts'
import { type Case, testCases } from './try.ts'

testStorageDriver(Plain, { module: new URL('./good/storage.ts', import.meta.url), title: 'which is right' })

const PLANS = 'answers plans, and changes nothing while it makes them'
const TREE = 'shows the layers of an image as one tree'
const KEPT_APART = 'keeps what a container writes from the image and from other containers'
const REMOVED = 'leaves nothing behind when a container has ended and is removed'

const cases: readonly Case[] = [
  { driver: 'PreparesAtOnce', check: PLANS, says: /^after prepare, .*: \+ file \/run\/at-once-/ },
  { driver: 'MountsNothing', check: TREE, says: /^the answer to prepare / },
  { driver: 'CopiesTheTopLayer', check: TREE, says: /^kept\.txt is not as in the image$/ },
  { driver: 'KeepsWhiteouts', check: TREE, says: /^gone\.txt is there, which a layer of the image deleted$/ },
  { driver: 'SharesOneRoot', check: KEPT_APART, says: /^kept\.txt is not as in the image$/ },
  { driver: 'WritesIntoTheImage', check: KEPT_APART, says: /^the layers of the image have changed$/ },
  {
    driver: 'BeginsAnew',
    check: 'finds again what a container wrote before',
    says: /^what the container wrote is gone when it starts again$/,
  },
  {
    driver: 'ShowsNothing',
    check: 'shows the files of a container that has ended',
    says: /\/elsewhere has not the file that the container wrote$/,
  },
  {
    driver: 'ClaimsAView',
    check: 'has the method view, or says that it shows no files',
    says: /^capabilities\.view is true, and there is no method view$/,
  },
  {
    driver: 'KeepsItsCopies',
    check: REMOVED,
    says: /^after the container was removed, .*\+ file \/run\/check\/root\/plain-/,
  },
  {
    driver: 'NotesLast',
    check: 'is undone where a step fails',
    says: /^after a start whose last step failed, .*\+ file \/run\/check\/root\/plain-/,
  },
  {
    driver: 'NotesLast',
    check: 'survives a crash between any two steps: the next start is whole, and nothing is left behind',
    says: /^after a crash behind step 1 of \d, .*\+ file \/run\/check\/root\/plain-/,
  },
  {
    driver: 'TrustsAHalfCopy',
    check: 'survives a crash between any two steps: the next start is whole, and nothing is left behind',
    says: /^kept\.txt is not as in the image$/,
  },
  {
    driver: 'RemovesOnce',
    check: 'can be cleaned up after twice, and when everything is gone already',
    says: /^a second time, the way back fails: rm \/run\/made-/,
  },
  { driver: 'OneAtATime', check: 'prepares 3 containers at once', says: /^one of 3 starts at once failed: .*busy/s },
  {
    driver: 'CountsOnItsParent',
    check: 'is explained by a script that does the same when it is pasted',
    says: /^the pasted script ended with [1-9]/,
  },
]

testCases('storage', { cases, checks: storageChecks, first: PLANS })
