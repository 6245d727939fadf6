/** What only a third party's driver needs: a start with those that rt brings loads nothing of it. */
export { loadForeign } from './load.ts'
