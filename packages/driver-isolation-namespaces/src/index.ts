export { type CgroupLayout, parseCgroupLayout } from './cgroups/layout.ts'
export { NamespacesDriver, NamespacesDriver as default } from './driver.ts'
export { type Architecture, architecture, seccompFilter } from './seccomp/filter.ts'
